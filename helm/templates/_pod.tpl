{{/*
The pods: what they are told, and how they run.
*/}}

{{/* Not empty where development keys sign tokens. */}}
{{- define "jangteo.keys" -}}
{{- if .Values.auth.development.enabled -}}
{{- .Values.auth.development.existingSecret | default (include "jangteo.name" (dict "root" . "service" "keys")) -}}
{{- end -}}
{{- end -}}

{{/* Where the public keys of an issuer are: (dict "issuer" .Values.auth.users "folder" "user-jwks"). */}}
{{- define "jangteo.jwks" -}}
{{- if .issuer.jwks.configMap -}}
{{- printf "/etc/jangteo/%s/%s" .folder .issuer.jwks.key -}}
{{- else -}}
{{- .issuer.jwks.url | default "https://kubernetes.default.svc/openid/v1/jwks" -}}
{{- end -}}
{{- end -}}

{{/* Not empty where the cluster's API server is asked for the keys of service accounts. */}}
{{- define "jangteo.asksApiServer" -}}
{{- with .Values.auth.services -}}
{{- if and .issuer (not .jwks.url) (not .jwks.configMap) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* What all processes of a release are told, as YAML. */}}
{{- define "jangteo.config" -}}
JANGTEO_GRPC_ADDR: 0.0.0.0:50051
JANGTEO_DATA_DIR: /data
JANGTEO_PRODUCTION: {{ .Values.config.production | quote }}
JANGTEO_LAME_DUCK_MS: {{ int .Values.config.lameDuckMs | quote }}
JANGTEO_DRAIN_MS: {{ int .Values.config.drainMs | quote }}
JANGTEO_CONNECTION_AGE_MS: {{ int .Values.config.connectionAgeMs | quote }}
JANGTEO_LOG_FORMAT: {{ .Values.config.logFormat }}
RUST_LOG: {{ .Values.config.logLevel | quote }}
{{- with include "jangteo.nats.url" . }}
JANGTEO_NATS_URL: {{ . | quote }}
{{- end }}
{{- with include "jangteo.nats.monitorUrl" . }}
JANGTEO_NATS_MONITOR_URL: {{ . | quote }}
{{- end }}
JANGTEO_STREAM_REPLICAS: {{ int .Values.nats.streamReplicas | quote }}
{{- if include "jangteo.keys" . }}
JANGTEO_KEY_DIR: /etc/jangteo/keys
{{- end }}
{{- with .Values.auth.users }}
{{- if .issuer }}
JANGTEO_USER_ISSUER: {{ .issuer | quote }}
JANGTEO_USER_JWKS: {{ include "jangteo.jwks" (dict "issuer" . "folder" "user-jwks") | quote }}
{{- end }}
{{- end }}
{{- with .Values.auth.services }}
{{- if .issuer }}
JANGTEO_SERVICE_ISSUER: {{ .issuer | quote }}
JANGTEO_SERVICE_JWKS: {{ include "jangteo.jwks" (dict "issuer" . "folder" "service-jwks") | quote }}
{{- if include "jangteo.asksApiServer" $ }}
JANGTEO_SERVICE_JWKS_TOKEN_FILE: /var/run/secrets/jangteo/api-token
JANGTEO_SERVICE_JWKS_CA_FILE: /var/run/secrets/jangteo/ca.crt
{{- end }}
JANGTEO_SERVICE_TOKEN_FILE: /var/run/secrets/jangteo/token
JANGTEO_SERVICE_ACCOUNT: {{ include "jangteo.name" (dict "root" $ "service" "{context}") | quote }}
{{- end }}
{{- end }}
{{- with .Values.config.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- if .Values.metrics.enabled }}
OTEL_METRICS_EXPORTER: prometheus
OTEL_EXPORTER_PROMETHEUS_HOST: 0.0.0.0
OTEL_EXPORTER_PROMETHEUS_PORT: {{ int .Values.metrics.port | quote }}
{{- end }}
{{- end -}}

{{/* A variable's value out of a Secret: (dict "secret" "name" "key" "url"). */}}
{{- define "jangteo.fromSecret" -}}
secretKeyRef: {name: {{ .secret | quote }}, key: {{ .key | quote }}}
{{- end -}}

{{/*
Where the other contexts are, as YAML. One that is off has an address too: whoever calls it finds it away, and
nobody is told anew once it is on. A process that knew itself by an address would call itself through it.
*/}}
{{- define "jangteo.peers" -}}
{{- range $peer, $_ := get (include "jangteo.mesh" .root | fromYaml) "contexts" -}}
{{- if ne $peer $.service }}
JANGTEO_PEER_{{ upper $peer }}: http://{{ include "jangteo.name" (dict "root" $.root "service" $peer) }}:50051
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What one process is told besides, as YAML: a value, or where it comes from. */}}
{{- define "jangteo.told" -}}
OTEL_SERVICE_NAME: {{ include "jangteo.name" . | quote }}
{{- include "jangteo.peers" . }}
{{- if eq .values.kind "gateway" }}
JANGTEO_HTTP_ADDR: 0.0.0.0:8088
{{- with .root.Values.config.corsOrigins }}
JANGTEO_CORS_ORIGINS: {{ join "," . | quote }}
{{- end }}
{{- else }}
{{- with include "jangteo.nats.secret" .root }}
JANGTEO_NATS_URL:
  {{- include "jangteo.fromSecret" (dict "secret" . "key" (include "jangteo.nats.key" $)) | nindent 2 }}
{{- end }}
{{- with .values.database }}
{{- if eq .driver "sqlite" }}
JANGTEO_DATABASE_URL: "sqlite:///data/{context}.db"
{{- else }}
JANGTEO_DATABASE_URL:
  {{- include "jangteo.fromSecret" (dict "secret" .existingSecret "key" .key) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
{{- with .root.Values.mail }}
{{- if and .from (eq $.service "notification") }}
JANGTEO_MAIL_FROM: {{ .from | quote }}
JANGTEO_MAIL_URL:
  {{- include "jangteo.fromSecret" (dict "secret" .existingSecret "key" .key) | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The variables of a container: what it is told, then `env`, then `extraEnv`; every name once. */}}
{{- define "jangteo.env" -}}
{{- $told := include "jangteo.told" . | fromYaml -}}
{{- include "jangteo.overlay" (dict "over" $told "with" .values.env) -}}
{{- range .values.extraEnv -}}
{{- $_ := unset $told .name -}}
{{- end -}}
{{- range $name, $value := $told }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  valueFrom:
    {{- toYaml $value | nindent 4 }}
  {{- else }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
  {{- end }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* One probe: (dict "probe" … "of" "readiness"). */}}
{{- define "jangteo.probe" -}}
{{- with .probe }}
{{ $.of }}Probe:
  grpc: {port: 50051, service: {{ $.of }}}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The ports of a container. */}}
{{- define "jangteo.ports" -}}
- name: grpc
  containerPort: 50051
  protocol: TCP
{{- if eq .values.kind "gateway" }}
- name: http
  containerPort: 8088
  protocol: TCP
{{- end }}
{{- if .root.Values.metrics.enabled }}
- name: metrics
  containerPort: {{ int .root.Values.metrics.port }}
  protocol: TCP
{{- end }}
{{- end -}}

{{/* The volumes of a pod. */}}
{{- define "jangteo.volumes" -}}
- name: tmp
  emptyDir: {}
- name: data
  {{- if include "jangteo.sqlite" . }}
  persistentVolumeClaim:
    claimName: {{ .values.database.persistence.existingClaim | default (include "jangteo.name" .) }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- with include "jangteo.keys" .root }}
- name: keys
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- range $name, $issuer := pick .root.Values.auth "users" "services" }}
{{- if and $issuer.issuer $issuer.jwks.configMap }}
- name: {{ trimSuffix "s" $name }}-jwks
  configMap: {name: {{ $issuer.jwks.configMap | quote }}}
{{- end }}
{{- end }}
{{- with .root.Values.auth.services }}
{{- if .issuer }}
- name: token
  projected:
    sources:
      - serviceAccountToken: {path: token, audience: jangteo, expirationSeconds: 3600}
      {{- if include "jangteo.asksApiServer" $.root }}
      # Of its own audience, so that nobody can use the other one there.
      - serviceAccountToken: {path: api-token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      {{- end }}
{{- end }}
{{- end }}
{{- with .values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where they are mounted. */}}
{{- define "jangteo.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: data, mountPath: /data}
{{- if include "jangteo.keys" .root }}
- {name: keys, mountPath: /etc/jangteo/keys, readOnly: true}
{{- end }}
{{- range $name, $issuer := pick .root.Values.auth "users" "services" }}
{{- if and $issuer.issuer $issuer.jwks.configMap }}
- {name: {{ trimSuffix "s" $name }}-jwks, mountPath: /etc/jangteo/{{ trimSuffix "s" $name }}-jwks, readOnly: true}
{{- end }}
{{- end }}
{{- if .root.Values.auth.services.issuer }}
- {name: token, mountPath: /var/run/secrets/jangteo, readOnly: true}
{{- end }}
{{- with .values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The pods of a service spread, each version of it by itself. */}}
{{- define "jangteo.topologySpread" -}}
{{- if and .values.topologySpread.enabled (include "jangteo.several" .) }}
topologySpreadConstraints:
  - {{- omit .values.topologySpread "enabled" | toYaml | nindent 4 }}
    labelSelector:
      matchLabels:
        {{- include "jangteo.selectorLabels" . | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{/* The container of a service. */}}
{{- define "jangteo.container" -}}
- name: {{ .service }}
  image: {{ include "jangteo.image" (dict "root" .root "image" .root.Values.image) | quote }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [serve, {{ .service }}]
  ports:
    {{- include "jangteo.ports" . | nindent 4 }}
  envFrom:
    - configMapRef: {name: {{ include "jangteo.name" (dict "root" .root "service" "config") }}}
    {{- with .values.extraEnvFrom }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    {{- include "jangteo.env" . | nindent 4 }}
  {{- range $of, $probe := .values.probes }}
  {{- include "jangteo.probe" (dict "of" $of "probe" $probe) | indent 2 }}
  {{- end }}
  {{- with int .values.preStopSeconds }}
  lifecycle:
    preStop:
      sleep: {seconds: {{ . }}}
  {{- end }}
  {{- with .values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
  volumeMounts:
    {{- include "jangteo.mounts" . | nindent 4 }}
{{- end -}}

{{/* The labels of a pod, as YAML; those that selectors use are not to be overridden. */}}
{{- define "jangteo.podLabels" -}}
{{- $labels := deepCopy .values.podLabels -}}
{{- if .root.Values.istio.enabled -}}
{{- $_ := set $labels "sidecar.istio.io/inject" (get $labels "sidecar.istio.io/inject" | default "true") -}}
{{- $_ := set $labels "service.istio.io/canonical-name" (include "jangteo.name" .) -}}
{{- end -}}
{{- include "jangteo.selectorLabels" . | fromYaml | mustMergeOverwrite $labels | toYaml -}}
{{- end -}}

{{/* The ports that a sidecar leaves alone, as text: those of what is reached past it. */}}
{{- define "jangteo.pastSidecar" -}}
{{- $ports := list -}}
{{- if .Values.nats.excludeFromSidecar -}}
{{- $ports = append $ports (include "jangteo.nats.port" .) -}}
{{- end -}}
{{- if .Values.databases.excludeFromSidecar -}}
{{- range .Values.databases.hosts -}}
{{- $ports = append $ports (int .port | toString) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | sortAlpha | join "," -}}
{{- end -}}

{{/*
The annotations of a pod, as YAML. A sidecar is there before the service and goes after it.
*/}}
{{- define "jangteo.podAnnotations" -}}
{{- $annotations := dict "checksum/config" (include "jangteo.config" .root | sha256sum) -}}
{{- if .root.Values.istio.enabled -}}
{{- $drain := div (int .root.Values.config.drainMs) 1000 | add (int .values.preStopSeconds) | add1 | printf "%ds" -}}
{{- $proxy := dict "holdApplicationUntilProxyStarts" true "terminationDrainDuration" $drain -}}
{{- $_ := set $annotations "proxy.istio.io/config" (toYaml $proxy) -}}
{{- with include "jangteo.pastSidecar" .root -}}
{{- $_ := set $annotations "traffic.sidecar.istio.io/excludeOutboundPorts" . -}}
{{- end -}}
{{- end -}}
{{- mustMergeOverwrite $annotations .values.podAnnotations | toYaml -}}
{{- end -}}

{{/* A pod as a template: (dict "root" $ "service" "post" "values" …). */}}
{{- define "jangteo.pod" -}}
metadata:
  labels:
    {{- include "jangteo.podLabels" . | nindent 4 }}
  annotations:
    {{- include "jangteo.podAnnotations" . | nindent 4 }}
spec:
  {{- include "jangteo.imagePullSecrets" .root | nindent 2 }}
  serviceAccountName: {{ include "jangteo.name" . }}
  automountServiceAccountToken: false
  # Variables that Kubernetes makes of Services would be taken for settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int .values.terminationGracePeriodSeconds }}
  {{- with .values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" }}
  {{- with get $.values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- include "jangteo.topologySpread" . | indent 2 }}
  containers:
    {{- include "jangteo.container" . | nindent 4 }}
  volumes:
    {{- include "jangteo.volumes" . | nindent 4 }}
{{- end -}}
