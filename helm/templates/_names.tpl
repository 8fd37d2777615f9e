{{/*
What the objects of a release are called, how they are told apart, and which image they run.
*/}}

{{/*
The beginning of every name. A release that is called like the chart gives its name alone, any other one
puts its name before the chart's, so two releases never agree on a name. What is too long is cut and told
apart by a hash: the longest service has to fit behind it in a DNS label.
*/}}
{{- define "jangteo.fullname" -}}
{{- $chart := .Values.nameOverride | default .Chart.Name -}}
{{- $usual := eq .Release.Name $chart | ternary $chart (printf "%s-%s" .Release.Name $chart) -}}
{{- $name := .Values.fullnameOverride | default $usual -}}
{{- if gt (len $name) 40 -}}
{{- printf "%s-%s" ($name | trunc 31 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{/* The name of what belongs to one service: (dict "root" $ "service" "post"). */}}
{{- define "jangteo.name" -}}
{{- printf "%s-%s" (include "jangteo.fullname" .root) .service -}}
{{- end -}}

{{/* The labels that selectors use; they never change: (dict "root" $ "service" "post"). */}}
{{- define "jangteo.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Values.nameOverride | default .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .service }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* All labels; without a service, those of what the whole release shares. */}}
{{- define "jangteo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{ include "jangteo.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: jangteo
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* An image by its registry, repository, and digest or tag: (dict "root" $ "image" .Values.image). */}}
{{- define "jangteo.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $path := empty $registry | ternary .image.repository (printf "%s/%s" $registry .image.repository) -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $path .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $path (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The Secrets to pull images with; charts that share `global` write them either way. */}}
{{- define "jangteo.imagePullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ kindIs "map" . | ternary (get (kindIs "map" . | ternary . dict) "name") . }}
{{- end }}
{{- end }}
{{- end -}}
