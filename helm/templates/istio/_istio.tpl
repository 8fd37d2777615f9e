{{/*
What the rules of the mesh and of the network are made of: who may call which method, and who is where.
*/}}

{{/*
The methods of a context by path, with those that every process of a context serves, as YAML:
(dict "root" $ "service" "post").
*/}}
{{- define "jangteo.methods" -}}
{{- $mesh := include "jangteo.mesh" .root | fromYaml -}}
{{- $own := get (get $mesh.contexts .service | default dict) "services" | default dict -}}
{{- $paths := dict -}}
{{- range $services := list $own $mesh.shared.services -}}
{{- range $name, $methods := $services -}}
{{- range $method, $is := $methods -}}
{{- $_ := set $paths (printf "/%s/%s" $name $method) $is -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $paths -}}
{{- end -}}

{{/*
What a service may call of a context, as a YAML list of paths: (dict "root" $ "service" "post" "caller" "deal").
The gateway passes on what people may call, and asks for the context's health. Another context calls what names
it, and reads the journal if it follows.
*/}}
{{- define "jangteo.istio.paths" -}}
{{- $follows := include "jangteo.follows" (dict "root" .root "service" .caller) | fromYamlArray | has .service -}}
{{- range $path, $is := include "jangteo.methods" . | fromYaml -}}
{{- $people := or (ne $is.access "service") $is.operators -}}
{{- $anyContext := and (eq $is.access "service") (not $is.callers) -}}
{{- $context := or (has $.caller ($is.callers | default list)) (and $follows $anyContext) -}}
{{- if eq $.caller "gateway" | ternary $people $context }}
- {{ $path }}
{{- end -}}
{{- end -}}
{{- if eq .caller "gateway" }}
- /grpc.health.v1.Health/*
- /grpc.reflection.v1.ServerReflection/*
- /grpc.reflection.v1alpha.ServerReflection/*
{{- end -}}
{{- end -}}

{{/*
The methods of all contexts by what a token must say, as YAML: `closed` to the outside, for `people`, for
`operators`, and by the roles one of which a person needs.
*/}}
{{- define "jangteo.istio.claims" -}}
{{- $closed := list -}}
{{- $people := list -}}
{{- $operators := list -}}
{{- $roles := dict -}}
{{- range $name, $context := get (include "jangteo.mesh" . | fromYaml) "contexts" -}}
{{- range $path, $is := include "jangteo.methods" (dict "root" $ "service" $name) | fromYaml -}}
{{- if and (eq $is.access "service") (not $is.operators) -}}
{{- $closed = append $closed $path -}}
{{- else if ne $is.access "public" -}}
{{- $people = append $people $path -}}
{{- end -}}
{{- if or (eq $is.access "operator") $is.operators -}}
{{- $operators = append $operators $path -}}
{{- else if $is.roles -}}
{{- $needed := $is.roles | sortAlpha | join "," -}}
{{- $_ := set $roles $needed (append (get $roles $needed | default list) $path) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "closed" (uniq $closed) "people" (uniq $people) "operators" (uniq $operators) "roles" $roles | toYaml -}}
{{- end -}}

{{/* Not empty where tokens of people are checked at the gateway's sidecar: its keys have to be at a URL. */}}
{{- define "jangteo.istio.checksTokens" -}}
{{- $hasGateway := hasKey (include "jangteo.services" . | fromYaml) "gateway" -}}
{{- with .Values.auth.users -}}
{{- if and $hasGateway $.Values.istio.requestAuthentication .issuer .jwks.url -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Not empty where the chart's own broker has a sidecar. */}}
{{- define "jangteo.istio.hasBroker" -}}
{{- if and (include "jangteo.nats.isDemo" .) .Values.nats.inMesh -}}true{{- end -}}
{{- end -}}

{{/* Not empty where KEDA, which has no sidecar, asks the broker's monitor. */}}
{{- define "jangteo.istio.hasKeda" -}}
{{- range include "jangteo.services" . | fromYaml -}}
{{- if .keda.enabled -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Not empty where a host can't be a Service: what has less than three parts is taken for one. */}}
{{- define "jangteo.istio.isOutside" -}}
{{- if and (ge (len (splitList "." .)) 3) (not (regexMatch "\\.svc(\\.|$)" .)) -}}true{{- end -}}
{{- end -}}

{{/* A host as the hosts of a Sidecar are written, by its full name: (dict "root" $ "host" "postgres.databases"). */}}
{{- define "jangteo.istio.sidecarHost" -}}
{{- $root := .root -}}
{{- $domain := $root.Values.istio.clusterDomain | default "cluster.local" -}}
{{- $parts := splitList "." .host -}}
{{- if or (include "jangteo.istio.isOutside" .host) (contains ".svc." .host) -}}
{{- printf "*/%s" .host -}}
{{- else if eq (len $parts) 1 -}}
{{- printf "./%s.%s.svc.%s" .host $root.Release.Namespace $domain -}}
{{- else -}}
{{- printf "*/%s.svc.%s" (trimSuffix ".svc" .host) $domain -}}
{{- end -}}
{{- end -}}

{{/* Where the broker and its monitor are, as a YAML list of `{host, port}`; no host where only a Secret knows it. */}}
{{- define "jangteo.istio.brokers" -}}
{{- $all := list (dict "host" (include "jangteo.nats.host" .) "port" (include "jangteo.nats.port" . | int)) -}}
{{- range splitList "," .Values.nats.url | compact -}}
{{- $all = append $all (include "jangteo.istio.address" (dict "url" (trim .) "port" 4222) | fromYaml) -}}
{{- end -}}
{{- with include "jangteo.nats.monitorUrl" . -}}
{{- $all = append $all (include "jangteo.istio.address" (dict "url" . "port" 8222) | fromYaml) -}}
{{- end -}}
{{- uniq $all | toYaml -}}
{{- end -}}

{{/* Where the keys of issuers are fetched, as a YAML list of `{host, port}`. */}}
{{- define "jangteo.istio.issuers" -}}
{{- $all := list -}}
{{- range list .Values.auth.users .Values.auth.services -}}
{{- if and .issuer .jwks.url -}}
{{- $all = append $all (include "jangteo.istio.address" (dict "url" .jwks.url "port" 443) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if include "jangteo.asksApiServer" . -}}
{{- $all = append $all (dict "host" "kubernetes.default.svc" "port" 443) -}}
{{- end -}}
{{- uniq $all | toYaml -}}
{{- end -}}

{{/* Where traces go, as a YAML list of one `{host, port}` or none. */}}
{{- define "jangteo.istio.collector" -}}
{{- with .Values.config.otlpEndpoint -}}
{{- list (include "jangteo.istio.address" (dict "url" . "port" 4317) | fromYaml) | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Contexts that a service is told are elsewhere, as a YAML list of `{host, port}`: (dict "values" …). */}}
{{- define "jangteo.istio.elsewhere" -}}
{{- $all := list -}}
{{- range $name, $url := .values.env -}}
{{- if hasPrefix "JANGTEO_PEER_" $name -}}
{{- $all = append $all (include "jangteo.istio.address" (dict "url" $url "port" 80) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/*
What a service reaches beside the pods of the release, as a YAML list of `{host, port}`: (dict "root" $ "service"
"post" "values" …). Only contexts have a broker and a database.
*/}}
{{- define "jangteo.istio.others" -}}
{{- $all := include "jangteo.istio.elsewhere" . | fromYamlArray -}}
{{- $all = concat $all (include "jangteo.istio.issuers" .root | fromYamlArray) -}}
{{- $all = concat $all (include "jangteo.istio.collector" .root | fromYamlArray) -}}
{{- if eq .values.kind "context" -}}
{{- if not (include "jangteo.nats.isDemo" .root) -}}
{{- $all = concat $all (include "jangteo.istio.brokers" .root | fromYamlArray) -}}
{{- end -}}
{{- if not (include "jangteo.sqlite" .) -}}
{{- $all = concat $all .root.Values.databases.hosts -}}
{{- end -}}
{{- end -}}
{{- uniq $all | toYaml -}}
{{- end -}}

{{/* The host and the port of a URL, as YAML: (dict "url" … "port" 443), where the port is the usual one. */}}
{{- define "jangteo.istio.address" -}}
{{- $parts := urlParse .url -}}
host: {{ $parts.hostname | quote }}
port: {{ regexFind ":[0-9]+$" $parts.host | trimPrefix ":" | default .port | int }}
{{- end -}}

{{/* Sources of a rule by their service accounts; one takes sixteen of them: (dict "accounts" …). */}}
{{- define "jangteo.istio.from" -}}
from:
  {{- range chunk 16 .accounts }}
  - source:
      serviceAccounts: {{ toJson . }}
  {{- end }}
{{- end -}}
