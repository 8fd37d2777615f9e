{{/*
The services of a release, who calls whom, and what they share.
*/}}

{{/*
Lays one map over another, in place: (dict "over" $below "with" $above). What is null above is gone, maps
are laid over maps, and lists named extra… are put behind each other. Everything else is replaced, also by
false, 0 and "".
*/}}
{{- define "jangteo.overlay" -}}
{{- $below := .over -}}
{{- range $key, $above := .with -}}
{{- $under := get $below $key -}}
{{- if kindIs "invalid" $above -}}
{{- $_ := unset $below $key -}}
{{- else if kindIs "map" $above -}}
{{- $into := kindIs "map" $under | ternary $under dict -}}
{{- include "jangteo.overlay" (dict "over" $into "with" $above) -}}
{{- $_ := set $below $key $into -}}
{{- else if and (hasPrefix "extra" $key) (kindIs "slice" $above) (kindIs "slice" $under) -}}
{{- $_ := set $below $key (concat $under $above) -}}
{{- else -}}
{{- $_ := set $below $key $above -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The services that are on, by name, as YAML: each is `defaults` with what it says itself laid over it. */}}
{{- define "jangteo.services" -}}
{{- $services := dict -}}
{{- range $name, $own := .Values.services -}}
{{- $service := deepCopy $.Values.defaults -}}
{{- include "jangteo.overlay" (dict "over" $service "with" (deepCopy ($own | default dict))) -}}
{{- if $service.enabled -}}
{{- $_ := set $service "kind" (eq $name "gateway" | ternary "gateway" "context") -}}
{{- $_ := set $services $name $service -}}
{{- end -}}
{{- end -}}
{{- toYaml $services -}}
{{- end -}}

{{/* What the program says of its contexts: their methods, who may call them, whom they follow. */}}
{{- define "jangteo.mesh" -}}
{{- .Files.Get "files/mesh.yaml" | required "files/mesh.yaml is missing; `jangteo mesh` writes it" -}}
{{- end -}}

{{/*
Who may call whom, as YAML: for each service the sorted names of those that call it. A context calls where
a method names it, and where it follows: then it reads the journal. The gateway calls every context.
*/}}
{{- define "jangteo.graph" -}}
{{- $services := include "jangteo.services" . | fromYaml -}}
{{- $contexts := get (include "jangteo.mesh" . | fromYaml) "contexts" -}}
{{- $graph := dict -}}
{{- range $callee, $service := $services -}}
{{- $named := list -}}
{{- if eq $service.kind "context" -}}
{{- $named = append $named "gateway" -}}
{{- range $methods := get (get $contexts $callee | default dict) "services" | default dict -}}
{{- range $method := $methods -}}
{{- $named = concat $named (get $method "callers" | default list) -}}
{{- end -}}
{{- end -}}
{{- range $follower, $context := $contexts -}}
{{- if has $callee (get $context "follows" | default list) -}}
{{- $named = append $named $follower -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $callers := list -}}
{{- range $named | uniq | sortAlpha -}}
{{- if and (hasKey $services .) (ne . $callee) -}}
{{- $callers = append $callers . -}}
{{- end -}}
{{- end -}}
{{- $_ := set $graph $callee $callers -}}
{{- end -}}
{{- toYaml $graph -}}
{{- end -}}

{{/* Who may call a service, as a YAML list: (dict "root" $ "service" "post"). */}}
{{- define "jangteo.callers" -}}
{{- get (include "jangteo.graph" .root | fromYaml) .service | default list | toYaml -}}
{{- end -}}

{{/* Whom a service calls, as a YAML list: (dict "root" $ "service" "post"). */}}
{{- define "jangteo.callees" -}}
{{- $callees := list -}}
{{- range $callee, $callers := include "jangteo.graph" .root | fromYaml -}}
{{- if has $.service $callers -}}
{{- $callees = append $callees $callee -}}
{{- end -}}
{{- end -}}
{{- toYaml $callees -}}
{{- end -}}

{{/* The contexts whose stream a context reads, as a YAML list; its own may be among them. */}}
{{- define "jangteo.follows" -}}
{{- $contexts := get (include "jangteo.mesh" .root | fromYaml) "contexts" -}}
{{- get (get $contexts .service | default dict) "follows" | default list | toYaml -}}
{{- end -}}

{{/* Not empty where something else than the chart decides how many replicas there are: (dict "values" …). */}}
{{- define "jangteo.scaled" -}}
{{- if or .values.autoscaling.enabled .values.keda.enabled -}}true{{- end -}}
{{- end -}}

{{/* Not empty where there may be more than one replica: (dict "values" …). */}}
{{- define "jangteo.several" -}}
{{- $most := .values.replicas -}}
{{- if .values.autoscaling.enabled -}}{{- $most = .values.autoscaling.maxReplicas -}}{{- end -}}
{{- if .values.keda.enabled -}}{{- $most = .values.keda.maxReplicas -}}{{- end -}}
{{- if gt (int $most) 1 -}}true{{- end -}}
{{- end -}}

{{/* Not empty where a service keeps its data in SQLite: (dict "values" …). */}}
{{- define "jangteo.sqlite" -}}
{{- if and (eq .values.kind "context") (eq .values.database.driver "sqlite") -}}true{{- end -}}
{{- end -}}

{{/* Not empty where the chart's own broker is in use. */}}
{{- define "jangteo.nats.isDemo" -}}
{{- if and .Values.nats.demo.enabled (not .Values.nats.url) (not .Values.nats.existingSecret) -}}true{{- end -}}
{{- end -}}

{{/* The host of the broker in use; empty where only a Secret knows it. */}}
{{- define "jangteo.nats.host" -}}
{{- if include "jangteo.nats.isDemo" . -}}
{{- include "jangteo.name" (dict "root" . "service" "nats") -}}
{{- else if .Values.nats.url -}}
{{- get (urlParse (splitList "," .Values.nats.url | first)) "hostname" -}}
{{- else -}}
{{- .Values.nats.host -}}
{{- end -}}
{{- end -}}

{{/* Its port. */}}
{{- define "jangteo.nats.port" -}}
{{- if include "jangteo.nats.isDemo" . -}}
4222
{{- else if .Values.nats.url -}}
{{- $place := get (urlParse (splitList "," .Values.nats.url | first)) "host" -}}
{{- regexFind ":[0-9]+$" $place | trimPrefix ":" | default "4222" -}}
{{- else -}}
{{- int .Values.nats.port -}}
{{- end -}}
{{- end -}}

{{/* The address of its monitor; empty where nobody has said it. */}}
{{- define "jangteo.nats.monitorUrl" -}}
{{- if include "jangteo.nats.isDemo" . -}}
{{- printf "http://%s:8222" (include "jangteo.nats.host" .) -}}
{{- else -}}
{{- .Values.nats.monitorUrl -}}
{{- end -}}
{{- end -}}

{{/* Its URL; empty where a Secret has it. */}}
{{- define "jangteo.nats.url" -}}
{{- if not (include "jangteo.nats.isDemo" .) -}}
{{- .Values.nats.url -}}
{{- else if not .Values.nats.demo.authorization.enabled -}}
{{- printf "nats://%s:4222" (include "jangteo.nats.host" .) -}}
{{- end -}}
{{- end -}}

{{/* The Secret with its URL; empty where there is none. */}}
{{- define "jangteo.nats.secret" -}}
{{- if not (include "jangteo.nats.isDemo" .) -}}
{{- .Values.nats.existingSecret -}}
{{- else if .Values.nats.demo.authorization.enabled -}}
{{- include "jangteo.name" (dict "root" . "service" "nats") -}}
{{- end -}}
{{- end -}}

{{/* The key in that Secret: (dict "root" $ "service" "post"). */}}
{{- define "jangteo.nats.key" -}}
{{- if include "jangteo.nats.isDemo" .root -}}
{{- .service -}}
{{- else -}}
{{- .root.Values.nats.key | replace "{service}" .service -}}
{{- end -}}
{{- end -}}

{{/* The same for KEDA, which asks from another namespace: without a scheme, and by its full name. */}}
{{- define "jangteo.keda.monitor" -}}
{{- if include "jangteo.nats.isDemo" . -}}
{{- printf "%s.%s.svc:8222" (include "jangteo.nats.host" .) .Release.Namespace -}}
{{- else -}}
{{- regexReplaceAll "^https?://|/$" .Values.nats.monitorUrl "" -}}
{{- end -}}
{{- end -}}

{{/* Not empty where the stories can be played: all that is in them is there, and the keys sign people. */}}
{{- define "jangteo.tested" -}}
{{- $contexts := get (include "jangteo.mesh" . | fromYaml) "contexts" -}}
{{- $all := eq (include "jangteo.services" . | fromYaml | len) (len $contexts | add1 | int) -}}
{{- $signed := and .Values.auth.development.enabled (not .Values.auth.users.issuer) -}}
{{- if and .Values.tests.enabled $all $signed -}}true{{- end -}}
{{- end -}}
