{{/* Fails where values, each good by itself, do not go together. What they are one by one, values.schema.json says. */}}
{{- define "podpass.refuseMistakes" -}}
{{- $leastGrace := add .Values.drainSeconds 15 }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (int $leastGrace) }}
{{- fail (printf "terminationGracePeriodSeconds must be at least %d: drainSeconds, and 15 for the requests that are being answered" $leastGrace) }}
{{- end }}
{{- if eq (int .Values.ports.https) (int .Values.ports.http) }}
{{- fail (printf "ports.https and ports.http are both %d: the webhook and the metrics need a port each" (int .Values.ports.http)) }}
{{- end }}
{{- if eq (int .Values.service.port) (int .Values.ports.http) }}
{{- fail (printf "service.port and ports.http are both %d: the Service has the metrics at ports.http, so choose another port for one of them" (int .Values.ports.http)) }}
{{- end }}
{{- range .Values.webhook.matchConditions }}
{{- if has .name (list "not-a-mirror-pod" "not-opted-out") }}
{{- fail (printf "webhook.matchConditions: the chart itself has a condition %q: choose another name" .name) }}
{{- end }}
{{- end }}
{{- if and (eq .Values.webhook.failurePolicy "Fail") (not .Values.autoscaling.enabled) (eq (int .Values.replicas) 0) }}
{{- fail "webhook.failurePolicy is Fail and replicas is 0: no pod would be created outside the excluded namespaces. Set webhook.failurePolicy to Ignore, or replicas to 1 or more" }}
{{- end }}
{{- end }}
