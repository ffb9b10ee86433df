#!/usr/bin/python3
"""The pod that a DaemonSet would start on a node: pod_of_daemonset.py MANIFEST

Prints its ConfigMaps and one Pod with the template's metadata and spec, for `podman kube play`, which
knows pods but no daemon sets. Nothing is changed, but a container's seccomp profile is said once more
in the annotation that came before the field, because Debian 12's podman reads only that one.
Tested by the scenario kube.
"""

import sys

import yaml


def pod_of(documents):
    """Kubernetes objects of a manifest -> those that one node gets."""
    found = [doc for doc in documents if doc["kind"] == "ConfigMap"]
    for doc in documents:
        if doc["kind"] == "DaemonSet":
            template = doc["spec"]["template"]
            metadata = dict(template["metadata"], name=doc["metadata"]["name"])
            metadata["annotations"] = {
                f"container.seccomp.security.alpha.kubernetes.io/{container['name']}": "unconfined"
                for container in template["spec"]["containers"]
                if container["securityContext"].get("seccompProfile") == {"type": "Unconfined"}
            }
            found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
    return found


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as manifest:
        print(yaml.safe_dump_all(pod_of(list(yaml.safe_load_all(manifest))), sort_keys=False))
