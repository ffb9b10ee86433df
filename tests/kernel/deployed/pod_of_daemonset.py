#!/usr/bin/python3
"""The pod that a DaemonSet would start on a node: pod_of_daemonset.py MANIFEST

Prints its ConfigMaps and one Pod with the template's metadata and spec, unchanged, for
`podman kube play`, which knows pods but no daemon sets. Tested by the scenario kube.
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
            found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
    return found


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as manifest:
        print(yaml.safe_dump_all(pod_of(list(yaml.safe_load_all(manifest))), sort_keys=False))
