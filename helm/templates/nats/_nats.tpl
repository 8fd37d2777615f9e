{{/*
The users of the broker: one per context, with what it does and nothing else.
*/}}

{{/*
The subjects that a context publishes to, as a YAML list: (dict "root" $ "service" "post"). It makes and fills
its own stream, reads it with consumers that the broker names (to compare it with the journal), and reads each
stream it follows with one consumer that is called like the context.
*/}}
{{- define "jangteo.nats.publishes" -}}
{{- $own := upper .service -}}
- jangteo.{{ .service }}.>
- $JS.API.STREAM.INFO.{{ $own }}
- $JS.API.STREAM.CREATE.{{ $own }}
- $JS.API.CONSUMER.CREATE.{{ $own }}
- $JS.API.CONSUMER.INFO.{{ $own }}.*
- $JS.API.CONSUMER.MSG.NEXT.{{ $own }}.*
{{- range include "jangteo.follows" . | fromYamlArray }}
{{- $source := upper . }}
- $JS.API.CONSUMER.CREATE.{{ $source }}.{{ $.service }}
{{- if ne . $.service }}
- $JS.API.CONSUMER.INFO.{{ $source }}.{{ $.service }}
- $JS.API.CONSUMER.MSG.NEXT.{{ $source }}.{{ $.service }}
{{- end }}
- $JS.ACK.{{ $source }}.{{ $.service }}.>
{{- end }}
{{- end -}}

{{/*
What of it is denied all the same, as a YAML list: a context must not take messages out of the hands of those
that follow it, whose consumers are on its stream as well.
*/}}
{{- define "jangteo.nats.denied" -}}
{{- range $follower, $context := get (include "jangteo.mesh" .root | fromYaml) "contexts" -}}
{{- if and (ne $follower $.service) (has $.service (get $context "follows" | default list)) }}
- $JS.API.CONSUMER.MSG.NEXT.{{ upper $.service }}.{{ $follower }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* A list of subjects as nats-server reads it: (dict "subjects" …). */}}
{{- define "jangteo.nats.subjects" -}}
[{{- range .subjects }}
            {{ toJson . | replace "\\u003e" ">" }}
{{- end }}
          ]
{{- end -}}

{{/*
The block of nats-server's configuration that knows the users. Passwords are variables of its environment. One
thing subjects can't tell: whoever makes a stream says what is copied into it and out of it. One that is there can't
be made anew, so where a context may be broken into before it has ever run, its stream is made beforehand.
*/}}
{{- define "jangteo.nats.authorization" -}}
authorization {
  users: [
{{- range $name, $service := include "jangteo.services" . | fromYaml }}
{{- if eq $service.kind "context" }}
{{- $who := dict "root" $ "service" $name }}
    {
      user: {{ $name }}
      password: $PASSWORD_{{ upper $name }}
      permissions {
        publish {
          allow: {{ include "jangteo.nats.subjects" (dict "subjects" (include "jangteo.nats.publishes" $who | fromYamlArray)) }}
{{- with include "jangteo.nats.denied" $who | fromYamlArray }}
          deny: {{ include "jangteo.nats.subjects" (dict "subjects" .) }}
{{- end }}
        }
        subscribe {
          allow: ["_INBOX_{{ upper $name }}.>"]
        }
      }
    }
{{- end }}
{{- end }}
  ]
}
{{- end -}}

{{/* Not empty where the chart's own broker knows its users. */}}
{{- define "jangteo.nats.hasUsers" -}}
{{- if and (include "jangteo.nats.isDemo" .) .Values.nats.demo.authorization.enabled -}}true{{- end -}}
{{- end -}}

{{/* The configuration of the chart's own broker. */}}
{{- define "jangteo.nats.config" -}}
{{- $streams := 0 -}}
{{- range include "jangteo.services" . | fromYaml -}}
{{- if eq .kind "context" -}}{{- $streams = add1 $streams -}}{{- end -}}
{{- end -}}
server_name: {{ include "jangteo.name" (dict "root" . "service" "nats") }}
port: 4222
http_port: 8222
jetstream {
  store_dir: /data/jetstream
  # Without it the broker acknowledges what a power cut takes away.
  sync_interval: always
  # Every stream has 1 GiB reserved, which it may never need: this is what may be promised, not what there is.
  max_file_store: {{ add $streams 2 }}GB
  # Consumers that compare a stream keep their place in memory.
  max_memory_store: 64MB
}
{{- if include "jangteo.nats.hasUsers" . }}
{{ include "jangteo.nats.authorization" . }}
{{- end }}
{{- end -}}
