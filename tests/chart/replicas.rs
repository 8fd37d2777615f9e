//! How many pods there are, where, and how they are replaced.

use serde_json::Value;

use super::{
    objects::{LABELS, Objects, contains, find, is, labels, list, name, number, text, texts},
    rules::{Fault, Rule, kept, missed_when_broken},
};

/// Labels that nobody changes, neither a new version nor other values.
const LASTING: [&str; 3] =
    ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"];

const RULES: [Rule; 6] = [
    Rule {
        says: "either the chart says how many replicas there are, or a scaler does",
        check: counted,
        faults: &[
            Fault("Deployment/post", "/spec/replicas", "\"two\""),
            Fault("HorizontalPodAutoscaler", "/spec/minReplicas", "11"),
            Fault("HorizontalPodAutoscaler", "", ""),
            Fault("ScaledObject", "/spec/maxReplicaCount", "1"),
            Fault("Deployment/view", "/spec/replicas", "2"),
        ],
    },
    Rule {
        says: "a scaler knows what it scales, and by what",
        check: scaled,
        faults: &[
            Fault("HorizontalPodAutoscaler", "/apiVersion", "\"autoscaling/v1\""),
            Fault("HorizontalPodAutoscaler", "/spec/scaleTargetRef/name", "\"post\""),
            Fault("HorizontalPodAutoscaler", "/spec/behavior", ""),
            Fault("HorizontalPodAutoscaler", "/spec/metrics", "[]"),
            Fault("ScaledObject", "/spec/scaleTargetRef/name", "\"view\""),
            Fault("ScaledObject", "/spec/triggers", "[]"),
        ],
    },
    Rule {
        says: "a file of SQLite's has one pod at a time, and nothing else has to wait for one",
        check: alone,
        faults: &[
            Fault("Deployment/post", "/spec/replicas", "2"),
            Fault("Deployment/post", "/spec/strategy/type", "\"RollingUpdate\""),
            Fault("Deployment/gateway", "/spec/strategy", "{\"type\": \"Recreate\"}"),
            Fault("PersistentVolumeClaim/post", "", ""),
            Fault("PersistentVolumeClaim/post", "/spec/accessModes/0", "\"ReadWriteMany\""),
        ],
    },
    Rule {
        says: "a selector never changes, and selects one workload",
        check: selective,
        faults: &[
            Fault("Deployment", "/spec/selector/matchLabels/app.kubernetes.io~1version", "\"1\""),
            Fault("Deployment/post", "/spec/selector/matchLabels/app.kubernetes.io~1component", ""),
            Fault("StatefulSet", "/spec/template/metadata/labels", "{}"),
        ],
    },
    Rule {
        says: "a drain of a node leaves a pod of each that has several, and is never blocked",
        check: disrupted,
        faults: &[
            Fault("PodDisruptionBudget", "", ""),
            Fault("PodDisruptionBudget", "/spec/maxUnavailable", "0"),
            Fault("PodDisruptionBudget", "/spec/maxUnavailable", "\"0%\""),
            Fault("PodDisruptionBudget", "/spec/minAvailable", "1"),
            Fault("PodDisruptionBudget", "/spec/selector/matchLabels", "{}"),
            Fault("HorizontalPodAutoscaler", "/spec/maxReplicas", "1"),
        ],
    },
    Rule {
        says: "pods of one service and one version are on several nodes, if they can",
        check: spread,
        faults: &[
            Fault("Deployment/gateway", "/spec/template/spec/topologySpreadConstraints", "[]"),
            Fault(
                "Deployment/gateway",
                "/spec/template/spec/topologySpreadConstraints/0/matchLabelKeys",
                "",
            ),
            Fault(
                "Deployment/gateway",
                "/spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels",
                "{}",
            ),
        ],
    },
];

/// What decides how many pods a Deployment has, with the least and the most.
pub(super) fn scalers<'a>(objects: &'a Objects, called: &str) -> Vec<(&'a Value, i64, i64)> {
    let kinds = [
        ("HorizontalPodAutoscaler", "/spec/minReplicas", "/spec/maxReplicas"),
        ("ScaledObject", "/spec/minReplicaCount", "/spec/maxReplicaCount"),
    ];
    let all = kinds.into_iter().flat_map(|(kind, least, most)| {
        let of = objects.of(kind).filter(|it| text(it, "/spec/scaleTargetRef/name") == called);
        of.map(move |it| (it, number(it, least).unwrap_or(1), number(it, most).unwrap_or(0)))
    });
    all.collect()
}

/// The least and the most pods that a Deployment may have.
pub(super) fn range(objects: &Objects, deployment: &Value) -> (i64, i64) {
    let fixed = number(deployment, "/spec/replicas").unwrap_or(1);
    let scaled = scalers(objects, name(deployment)).first().map(|(_, least, most)| (*least, *most));
    scaled.unwrap_or((fixed, fixed))
}

/// Whether a Deployment keeps its data in a file.
pub(super) fn is_sqlite(objects: &Objects, deployment: &Value) -> bool {
    let told = objects.environment(&deployment["spec"]["template"]["spec"]["containers"][0]);
    told.get("JANGTEO_DATABASE_URL").is_some_and(|url| url.starts_with("sqlite:"))
}

fn counted(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let called = name(deployment);
        let scalers = scalers(objects, called);
        let fixed = number(deployment, "/spec/replicas").is_some();
        if fixed != scalers.is_empty() || scalers.len() > 1 {
            found.push(format!("{called} has {} scalers, fixed: {fixed}", scalers.len()));
        }
        for (_, least, most) in scalers {
            if least < 1 || least > most {
                found.push(format!("{called} has {least} to {most}"));
            }
        }
    }
    found
}

fn scaled(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for kind in ["HorizontalPodAutoscaler", "ScaledObject"] {
        for scaler in objects.of(kind) {
            let target = text(scaler, "/spec/scaleTargetRef/name");
            if objects.named("Deployment", target).is_none() {
                found.push(format!("{} scales `{target}`", name(scaler)));
            }
        }
    }
    let blind = objects.of("ScaledObject").filter(|it| list(it, "/spec/triggers").is_empty());
    found.extend(blind.map(|it| format!("{} counts nothing", name(it))));
    for scaler in objects.of("HorizontalPodAutoscaler") {
        let window = number(scaler, "/spec/behavior/scaleDown/stabilizationWindowSeconds");
        let metrics = list(scaler, "/spec/metrics");
        let by_use = |it: &Value| text(it, "/resource/target/type") == "Utilization";
        for (fine, what) in [
            (is(scaler, "/apiVersion", "autoscaling/v2"), "is of an older API"),
            (window.is_some_and(|seconds| seconds >= 60), "goes down at once"),
            (metrics.iter().any(by_use), "knows no use"),
        ] {
            if !fine {
                found.push(format!("{} {what}", name(scaler)));
            }
        }
    }
    found
}

fn alone(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment") {
        let called = name(deployment);
        let recreated = is(deployment, "/spec/strategy/type", "Recreate");
        if !is_sqlite(objects, deployment) {
            if recreated {
                found.push(format!("{called} is away while it is replaced"));
            }
            continue;
        }
        if !recreated || range(objects, deployment) != (1, 1) {
            found.push(format!("{called} may have two pods at its file"));
        }
        if !owns_its_data(objects, deployment) {
            found.push(format!("{called} has no volume that is its own"));
        }
    }
    found
}

fn owns_its_data(objects: &Objects, deployment: &Value) -> bool {
    let pod = &deployment["spec"]["template"]["spec"];
    let mounts = list(pod, "/containers/0/volumeMounts");
    let mount = mounts.iter().find(|mount| text(mount, "/mountPath") == "/data");
    let volume = mount.and_then(|mount| find(pod, "/volumes", text(mount, "/name")));
    let claim = volume.map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
    let claim = claim.and_then(|claim| objects.named("PersistentVolumeClaim", claim));
    claim.is_some_and(|claim| {
        let modes = texts(claim, "/spec/accessModes");
        modes.iter().all(|mode| ["ReadWriteOnce", "ReadWriteOncePod"].contains(mode))
    })
}

fn selective(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for (workload, pod) in objects.workloads() {
        if !["Deployment", "StatefulSet"].contains(&text(workload, "/kind")) {
            continue;
        }
        let called = name(workload);
        let by = labels(workload, "/spec/selector/matchLabels");
        if by.keys().any(|label| !LASTING.contains(label)) || by.is_empty() {
            found.push(format!("{called} selects by {by:?}"));
        }
        if !contains(&labels(pod, LABELS), &by) || objects.selected(&by).len() != 1 {
            found.push(format!("{called} does not select its own pods alone"));
        }
    }
    found
}

fn disrupted(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    let mut guarded = vec![];
    for budget in objects.of("PodDisruptionBudget") {
        let selected = objects.selected(&labels(budget, "/spec/selector/matchLabels"));
        let [one] = selected[..] else {
            found.push(format!("{} is about {} workloads", name(budget), selected.len()));
            continue;
        };
        guarded.push(name(one));
        let share = &budget["spec"]["maxUnavailable"];
        let blocks = share.is_null() || *share == 0 || *share == "0%";
        if blocks || budget["spec"].get("minAvailable").is_some() {
            found.push(format!("{} may block a drain", name(budget)));
        }
    }
    for deployment in objects.of("Deployment") {
        let several = range(objects, deployment).1 > 1;
        if several != guarded.contains(&name(deployment)) {
            found.push(format!("{} has several: {several}", name(deployment)));
        }
    }
    found
}

fn spread(objects: &Objects) -> Vec<String> {
    let mut found = vec![];
    for deployment in objects.of("Deployment").filter(|it| range(objects, it).1 > 1) {
        let good = |rule: &Value| {
            let by = labels(rule, "/labelSelector/matchLabels");
            texts(rule, "/matchLabelKeys").contains(&"pod-template-hash")
                && is(rule, "/whenUnsatisfiable", "ScheduleAnyway")
                && objects.selected(&by).into_iter().map(name).eq([name(deployment)])
        };
        let rules = list(deployment, "/spec/template/spec/topologySpreadConstraints");
        if !rules.iter().any(good) {
            found.push(format!("{} is not spread", name(deployment)));
        }
    }
    found
}

#[test]
fn replicas_are_counted_spread_and_spared() {
    kept(&RULES);
}

#[test]
fn replicas_that_are_not_are_found() {
    missed_when_broken(&RULES);
}
