//! Pods as a guarded namespace admits them, which start and end without a gap.

use serde_json::Value;

use super::{
    objects::{Objects, component, find, is, list, name, number, text, texts},
    rules::{Fault, Rule, kept, missed_when_broken},
};

/// How long a process may take to end that is not told otherwise.
const DRAIN_MS: i64 = 20_000;
/// Where every process speaks gRPC.
const GRPC_PORT: i64 = 50051;

const RULES: [Rule; 9] = [
    Rule {
        says: "a workload runs as itself, and gets no token that it does not ask for",
        check: accounts,
        faults: &[
            Fault("Deployment/post", "/spec/template/spec/serviceAccountName", "\"default\""),
            Fault("Deployment", "/spec/template/spec/automountServiceAccountToken", "true"),
            Fault("ServiceAccount/deal", "/automountServiceAccountToken", ""),
            Fault("ServiceAccount/deal", "", ""),
        ],
    },
    Rule {
        says: "a pod is of the restricted profile",
        check: restricted,
        faults: &[
            Fault("Deployment", "/spec/template/spec/hostNetwork", "true"),
            Fault("StatefulSet", "/spec/template/spec/securityContext", "{}"),
            Fault("Pod", "/spec/securityContext", "{}"),
            Fault("Deployment", "/spec/template/spec/containers/0/securityContext", ""),
            Fault(
                "Deployment",
                "/spec/template/spec/containers/0/securityContext/capabilities/drop/0",
                "\"NET_RAW\"",
            ),
            Fault(
                "Deployment",
                "/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem",
                "false",
            ),
            Fault("Deployment", "/spec/template/spec/initContainers", "[{\"name\": \"wait\"}]"),
        ],
    },
    Rule {
        says: "a process can write where it has to, and nowhere else",
        check: writable,
        faults: &[
            Fault("Deployment/post", "/spec/template/spec/containers/0/volumeMounts", "[]"),
            Fault("Deployment/post", "/spec/template/spec/volumes", "[]"),
            Fault(
                "Deployment/post",
                "/spec/template/spec/volumes/-",
                "{\"name\": \"host\", \"hostPath\": {\"path\": \"/\"}}",
            ),
        ],
    },
    Rule {
        says: "a pod asks for what it needs, and only its memory is limited",
        check: resources,
        faults: &[
            Fault("Deployment", "/spec/template/spec/containers/0/resources/requests/cpu", ""),
            Fault("Deployment", "/spec/template/spec/containers/0/resources/limits/memory", ""),
            Fault("StatefulSet", "/spec/template/spec/containers/0/resources/limits/cpu", "\"1\""),
        ],
    },
    Rule {
        says: "each probe asks for its own health, by gRPC and a port's number",
        check: probes,
        faults: &[
            Fault("Deployment", "/spec/template/spec/containers/0/startupProbe", ""),
            Fault(
                "Deployment",
                "/spec/template/spec/containers/0/livenessProbe/grpc/service",
                "\"readiness\"",
            ),
            Fault(
                "Deployment",
                "/spec/template/spec/containers/0/readinessProbe/grpc/port",
                "\"grpc\"",
            ),
            Fault("Deployment/gateway", "/spec/template/spec/containers/0/ports", "[]"),
        ],
    },
    Rule {
        says: "a pod is out of its Service before it ends, and ends before it is killed",
        check: endings,
        faults: &[
            Fault("Deployment", "/spec/template/spec/containers/0/lifecycle", ""),
            Fault(
                "Deployment",
                "/spec/template/spec/containers/0/lifecycle/preStop/sleep/seconds",
                "4",
            ),
            Fault("Deployment", "/spec/template/spec/terminationGracePeriodSeconds", "25"),
        ],
    },
    Rule {
        says: "the environment of a pod is what is written here",
        check: tidy,
        faults: &[
            Fault("Deployment", "/spec/template/spec/enableServiceLinks", ""),
            Fault("StatefulSet", "/spec/template/spec/enableServiceLinks", "true"),
            Fault("Deployment", "/spec/revisionHistoryLimit", ""),
        ],
    },
    Rule {
        says: "an image is one that was named, and its pod runs what the labels say",
        check: images,
        faults: &[
            Fault("Deployment", "/spec/template/spec/containers/0/image", "\"jangteo\""),
            Fault("Deployment", "/spec/template/spec/containers/0/image", "\"jangteo:latest\""),
            Fault("Deployment/post", "/spec/template/spec/containers/0/args/1", "\"deal\""),
        ],
    },
    Rule {
        says: "every object says what it is part of",
        check: labelled,
        faults: &[
            Fault("Service", "/metadata/labels/app.kubernetes.io~1instance", ""),
            Fault("ConfigMap", "/metadata/labels", "{}"),
            Fault("Service", "/metadata/name", "\"post\""),
        ],
    },
];

fn accounts(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        if !is(pod, "/spec/automountServiceAccountToken", false) {
            found.push(format!("{} may get a token", name(workload)));
        }
    }
    for deployment in objects.of("Deployment") {
        let called = name(deployment);
        let account = text(deployment, "/spec/template/spec/serviceAccountName");
        if account != called {
            found.push(format!("{called} runs as `{account}`"));
        }
        match objects.named("ServiceAccount", called) {
            Some(account) if is(account, "/automountServiceAccountToken", false) => {}
            Some(_) => found.push(format!("the account of {called} gives tokens away")),
            None => found.push(format!("{called} has no account")),
        }
    }
    found
}

fn restricted(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        let mut not = |what: &str| found.push(format!("{} {what}", name(workload)));
        if ["hostNetwork", "hostPID", "hostIPC"].iter().any(|it| pod["spec"].get(it).is_some()) {
            not("is in the host's namespaces");
        }
        if !list(pod, "/spec/initContainers").is_empty() {
            not("waits for init containers");
        }
        let shared = &pod["spec"]["securityContext"];
        for container in list(pod, "/spec/containers") {
            faults(&container["securityContext"], shared).into_iter().for_each(&mut not);
        }
    }
    found
}

/// What the restricted profile forbids in a container's security context, which goes before its pod's.
fn faults(own: &Value, shared: &Value) -> Vec<&'static str> {
    let either = |key: &str| own.get(key).or(shared.get(key)).cloned().unwrap_or_default();
    let rules = [
        (either("runAsNonRoot") == true, "may run as root"),
        (either("runAsUser") != 0, "runs as root"),
        (either("seccompProfile")["type"] == "RuntimeDefault", "has no seccomp profile"),
        (is(own, "/allowPrivilegeEscalation", false), "may gain privileges"),
        (is(own, "/readOnlyRootFilesystem", true), "can change its image"),
        (texts(own, "/capabilities/drop") == ["ALL"], "keeps capabilities"),
        (list(own, "/capabilities/add").is_empty(), "gets capabilities"),
        (!is(own, "/privileged", true), "is privileged"),
    ];
    rules.into_iter().filter(|(fine, _)| !fine).map(|(_, what)| what).collect()
}

fn writable(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let pod = &deployment["spec"]["template"]["spec"];
        for place in ["/data", "/tmp"] {
            if !can_write(pod, place) {
                found.push(format!("{} cannot write {place}", name(deployment)));
            }
        }
        if list(pod, "/volumes").iter().any(|volume| volume.get("hostPath").is_some()) {
            found.push(format!("{} sees the host", name(deployment)));
        }
        let claims =
            list(pod, "/volumes").iter().any(|it| it.get("persistentVolumeClaim").is_some());
        if claims && number(pod, "/securityContext/fsGroup").is_none() {
            found.push(format!("the claim of {} is not its group's", name(deployment)));
        }
    }
    found
}

fn can_write(pod: &Value, place: &str) -> bool {
    let mounts = list(pod, "/containers/0/volumeMounts");
    let mount = mounts.iter().find(|mount| text(mount, "/mountPath") == place);
    mount.filter(|mount| !is(mount, "/readOnly", true)).is_some_and(|mount| {
        let volume = find(pod, "/volumes", text(mount, "/name"));
        let kinds = ["emptyDir", "persistentVolumeClaim"];
        volume.is_some_and(|volume| kinds.iter().any(|kind| volume.get(kind).is_some()))
    })
}

fn resources(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        for container in list(pod, "/spec/containers") {
            let set = |what: &str| container.pointer(&format!("/resources/{what}")).is_some();
            for what in ["requests/cpu", "requests/memory", "limits/memory"] {
                if !set(what) {
                    found.push(format!("{} has no {what}", name(workload)));
                }
            }
            if set("limits/cpu") {
                found.push(format!("{} is throttled", name(workload)));
            }
        }
    }
    found
}

fn probes(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let ports = list(container, "/ports");
        if !ports.iter().any(|port| is(port, "/containerPort", GRPC_PORT)) {
            found.push(format!("{} has no port {GRPC_PORT}", name(deployment)));
        }
        for service in ["startup", "readiness", "liveness"] {
            let grpc = &container[format!("{service}Probe")]["grpc"];
            if grpc["service"] != service || grpc["port"] != GRPC_PORT {
                found.push(format!("the {service} probe of {} asks {grpc}", name(deployment)));
            }
        }
    }
    found
}

fn endings(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let pod = &deployment["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        let environment = objects.environment(container);
        let told = environment.get("JANGTEO_DRAIN_MS").map(|told| told.parse().unwrap_or(i64::MAX));
        let drain = told.unwrap_or(DRAIN_MS) / 1000;
        let pause = number(container, "/lifecycle/preStop/sleep/seconds").unwrap_or_default();
        let grace = number(pod, "/terminationGracePeriodSeconds").unwrap_or_default();
        if pause < 5 || grace <= pause.saturating_add(drain) {
            let times = format!("pauses {pause} s, drains {drain} s and has {grace} s");
            found.push(format!("{} {times}", name(deployment)));
        }
    }
    found
}

fn tidy(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        if !is(pod, "/spec/enableServiceLinks", false) {
            found.push(format!("{} is told of every Service", name(workload)));
        }
    }
    for deployment in objects.of("Deployment") {
        if number(deployment, "/spec/revisionHistoryLimit").is_none_or(|limit| limit > 10) {
            found.push(format!("{} keeps what it was for long", name(deployment)));
        }
    }
    found
}

fn images(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        for container in list(pod, "/spec/containers") {
            let image = text(container, "/image");
            let last = image.rsplit('/').next().unwrap_or_default();
            let version = last.split_once(['@', ':']).map_or("", |(_, version)| version);
            if ["", "latest"].contains(&version) {
                found.push(format!("{} runs any `{image}`", name(workload)));
            }
        }
    }
    for deployment in objects.of("Deployment") {
        let args = texts(deployment, "/spec/template/spec/containers/0/args");
        if args != ["serve", component(deployment)] {
            found.push(format!("{} runs {args:?}", name(deployment)));
        }
    }
    found
}

fn labelled(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for object in &objects.0 {
        let labels = &object["metadata"]["labels"];
        let what = format!("{} {}", text(object, "/kind"), name(object));
        for (label, wanted) in [("name", "jangteo"), ("instance", "market"), ("managed-by", "Helm")]
        {
            if labels[format!("app.kubernetes.io/{label}")] != wanted {
                found.push(format!("{what} has another {label}"));
            }
        }
        if !name(object).starts_with("market-jangteo") {
            found.push(format!("{what} is not called after its release"));
        }
    }
    found
}

#[test]
fn pods_are_admitted_and_start_and_end_well() {
    kept(&RULES);
}

#[test]
fn pods_that_are_not_are_found() {
    missed_when_broken(&RULES);
}
