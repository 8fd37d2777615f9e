"""Makes the JSON schemas that kubeconform reads.

python3 k8s-schemas.py own FROM TO: out of the schemas that kubernetes-validate has in the folder FROM.
python3 k8s-schemas.py added TO FILE...: out of CustomResourceDefinitions, TO/{group}_{kind}_{version}.json for each
version that the files define. A schema says no to fields that it does not know, as a server does that is asked to be
strict.
"""

import json
import pathlib
import sys

import yaml

# The quick loader is there wherever PyYAML came with its C library.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A lone = is text to everybody but YAML 1.1.
LOADER.add_constructor("tag:yaml.org,2002:value", LOADER.construct_scalar)

# What sits on every object, and what a definition need not spell out.
OBJECT = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}


def closed(schema):
    """The schema with every object in it closed that names its fields and does not ask for others."""
    made = {key: value for key, value in schema.items() if key != "description"}
    for word in ("properties", "patternProperties"):
        if word in schema:
            made[word] = {name: closed(field) for name, field in schema[word].items()}
    # allOf, anyOf, oneOf and not only narrow what stands beside them: closed they would refuse its other fields.
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            made[word] = closed(schema[word])
    if schema.get("x-kubernetes-embedded-resource"):
        made["properties"] = OBJECT | made.get("properties", {})
    if "properties" in made and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    if schema.get("nullable"):
        optional(made)
    return made


def optional(schema):
    """Lets null in too."""
    kinds = schema.get("type", [])
    if kinds:
        schema["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]


def whole(schema):
    """The schema of a whole object, which has its kind and metadata whether the definition says so or not."""
    return closed({**schema, "type": "object", "properties": OBJECT | schema.get("properties", {})})


def definitions(file):
    with open(file, encoding="utf-8") as text:
        for document in yaml.load_all(text, LOADER):
            if document and document.get("kind") == "CustomResourceDefinition":
                yield document["spec"]


def own(source, folder):
    """Those schemas point at each other by addresses that nobody serves here; within a folder names are enough."""
    for file in pathlib.Path(source).glob("*.json"):
        schema = json.loads(file.read_text(encoding="utf-8").replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        write(pathlib.Path(folder) / file.name, schema)


def added(folder, *files):
    for spec in (spec for file in files for spec in definitions(file)):
        for version in spec["versions"]:
            name = f"{spec['group']}_{spec['names']['kind'].lower()}_{version['name']}.json"
            write(pathlib.Path(folder) / name, whole(version["schema"]["openAPIV3Schema"]))


def write(file, schema):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(schema), encoding="utf-8")


if __name__ == "__main__":
    {"own": own, "added": added}[sys.argv[1]](*sys.argv[2:])
