#!/usr/bin/python3
"""The manifests of deploy/ are valid as far as can be told without a cluster. Run by CTest.

There is no API server and no schema to download where the tests run, so the structure that the API server
checks first is checked here: kinds, the fields of a pod with their types, and that names refer to something.
"""

import pathlib
import unittest

import yaml

TREE = pathlib.Path(__file__).resolve().parents[2]
DAEMONSET = TREE / "deploy" / "kubernetes" / "daemonset.yaml"

# Field -> type, for the objects that the manifests use. A field that is not here is a misspelling, or
# new: then it is added here by someone who has looked it up.
POD_SPEC = {
    "automountServiceAccountToken": bool, "containers": list, "dnsPolicy": str, "hostNetwork": bool,
    "hostPID": bool, "nodeSelector": dict, "priorityClassName": str, "serviceAccountName": str,
    "terminationGracePeriodSeconds": int, "tolerations": list, "volumes": list,
}
CONTAINER = {
    "args": list, "command": list, "env": list, "image": str, "imagePullPolicy": str, "name": str,
    "ports": list, "resources": dict, "securityContext": dict, "volumeMounts": list,
    "livenessProbe": dict, "readinessProbe": dict,
}
SECURITY_CONTEXT = {
    "allowPrivilegeEscalation": bool, "capabilities": dict, "privileged": bool,
    "readOnlyRootFilesystem": bool, "runAsUser": int, "seccompProfile": dict,
}
DAEMONSET_SPEC = {"selector": dict, "template": dict, "updateStrategy": dict, "minReadySeconds": int}
VOLUME_MOUNT = {"name": str, "mountPath": str, "readOnly": bool, "mountPropagation": str}


def documents():
    return {(doc["kind"], doc["metadata"]["name"]): doc for doc in yaml.safe_load_all(DAEMONSET.read_text())}


def parse_config(text):
    return yaml.safe_load(text)


class Manifest(unittest.TestCase):
    def setUp(self):
        self.documents = documents()
        self.daemonset = self.documents["DaemonSet", "cgsentry"]
        self.pod = self.daemonset["spec"]["template"]["spec"]
        self.container = self.pod["containers"][0]

    def assert_fields(self, value, fields, where):
        for name, content in value.items():
            self.assertIn(name, fields, f"{where} has no field {name}")
            self.assertIsInstance(content, fields[name], f"{where}.{name}")

    def test_the_objects_and_their_versions(self):
        versions = {kind: doc["apiVersion"] for (kind, _), doc in self.documents.items()}
        self.assertEqual(versions, {"Namespace": "v1", "ConfigMap": "v1", "DaemonSet": "apps/v1"})

    def test_everything_is_in_a_namespace_that_the_file_makes(self):
        for (kind, _), doc in self.documents.items():
            if kind != "Namespace":
                self.assertIn(("Namespace", doc["metadata"]["namespace"]), self.documents)

    def test_fields_and_types(self):
        self.assert_fields(self.daemonset["spec"], DAEMONSET_SPEC, "spec")
        self.assert_fields(self.pod, POD_SPEC, "pod")
        self.assert_fields(self.container, CONTAINER, "container")
        self.assert_fields(self.container["securityContext"], SECURITY_CONTEXT, "securityContext")
        for mount in self.container["volumeMounts"]:
            self.assert_fields(mount, VOLUME_MOUNT, "volumeMount")
        for text in self.container["args"]:
            self.assertIsInstance(text, str)

    def test_the_selector_matches_the_template(self):
        labels = self.daemonset["spec"]["template"]["metadata"]["labels"]
        for name, value in self.daemonset["spec"]["selector"]["matchLabels"].items():
            self.assertEqual(labels.get(name), value)

    def test_every_mount_has_its_volume_and_every_volume_one_source(self):
        volumes = {volume["name"]: volume for volume in self.pod["volumes"]}
        self.assertEqual({mount["name"] for mount in self.container["volumeMounts"]}, set(volumes))
        for volume in volumes.values():
            self.assertEqual(len(volume), 2, volume)

    def test_the_config_map_exists_and_holds_the_file_that_the_arguments_name(self):
        name = next(v["configMap"]["name"] for v in self.pod["volumes"] if "configMap" in v)
        data = self.documents["ConfigMap", name]["data"]
        folder = next(m["mountPath"] for m in self.container["volumeMounts"] if m["name"] == "config")
        file = self.container["args"][self.container["args"].index("--config") + 1]
        self.assertIn(pathlib.PurePosixPath(file).name, data)
        self.assertEqual(str(pathlib.PurePosixPath(file).parent), folder)
        for text in data.values():
            self.assertIsInstance(parse_config(text), dict)

    def test_the_pod_and_the_unit_have_the_same_capabilities(self):
        unit = (TREE / "deploy" / "systemd" / "cgsentry.service").read_text()
        line = next(line for line in unit.splitlines() if line.startswith("CapabilityBoundingSet="))
        capabilities = self.container["securityContext"]["capabilities"]
        self.assertEqual(capabilities["drop"], ["ALL"])
        self.assertEqual({"CAP_" + name for name in capabilities["add"]}, set(line.partition("=")[2].split()))

    def test_the_pod_runs_on_every_node(self):
        self.assertIn({"operator": "Exists"}, self.pod["tolerations"])


class Files(unittest.TestCase):
    def test_every_yaml_file_of_deploy_can_be_read(self):
        for path in (TREE / "deploy").rglob("*.yaml"):
            with self.subTest(path.name):
                self.assertTrue(list(yaml.safe_load_all(path.read_text())))

    def test_the_package_lists_are_sorted_names(self):
        for name in ("build", "run", "test"):
            lines = (TREE / "deploy" / "packages" / name).read_text().splitlines()
            packages = [line for line in lines if not line.startswith("#")]
            self.assertEqual(packages, sorted(set(packages)), name)


if __name__ == "__main__":
    unittest.main()
