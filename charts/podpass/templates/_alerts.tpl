{{/*
The alerts, without what all of them have. The API server's counters are not there before the first failure, so that no
increase shows it: hence `unless … offset`.
*/}}
{{- define "podpass.alerts" -}}
{{- $full := include "podpass.fullname" . }}
{{- $own := printf "namespace=%q, job=%q" .Release.Namespace (.Values.prometheusRule.job | default $full) }}
{{- $certificateSeconds := .Values.prometheusRule.certificateSeconds | default (ternary 14400 604800 (eq .Values.certificates.mode "managed")) | int64 }}
- alert: PodpassNotReady
  expr: >-
    absent(up{ {{- $own -}} } == 1) or kube_deployment_status_replicas_ready{namespace={{ .Release.Namespace | quote }}, deployment={{ $full | quote }}} == 0
  for: 5m
  labels: { severity: critical }
  annotations:
    summary: >-
      No replica of Podpass is ready.
    description: >-
      New pods of federated ServiceAccounts {{ ternary "are refused" "start without their identity" (eq .Values.webhook.failurePolicy "Fail") }} as long as none is.
- alert: PodpassFailsOpen
  expr: >-
    sum(increase(apiserver_admission_webhook_fail_open_count{name="pods.podpass.dev"}[10m])) > 0 or sum(apiserver_admission_webhook_fail_open_count{name="pods.podpass.dev"}) unless sum(apiserver_admission_webhook_fail_open_count{name="pods.podpass.dev"} offset 10m)
  labels: { severity: critical }
  annotations:
    summary: >-
      The API server lets pods pass without Podpass.
    description: >-
      {{ "{{ $value | humanize }}" }} calls failed in 10 minutes. Those pods run without an identity until they are made again.
- alert: PodpassCallsFail
  expr: >-
    sum(increase(apiserver_admission_webhook_rejection_count{name="pods.podpass.dev", error_type=~"calling_webhook_error|apiserver_internal_error"}[10m])) > 0 or sum(apiserver_admission_webhook_rejection_count{name="pods.podpass.dev", error_type=~"calling_webhook_error|apiserver_internal_error"}) unless sum(apiserver_admission_webhook_rejection_count{name="pods.podpass.dev", error_type=~"calling_webhook_error|apiserver_internal_error"} offset 10m)
  labels: { severity: critical }
  annotations:
    summary: >-
      The API server refuses pods since its calls of Podpass fail.
    description: >-
      {{ "{{ $value | humanize }}" }} pods were refused in 10 minutes, for no fault of theirs.
- alert: PodpassCertificateExpiresSoon
  expr: >-
    podpass_serving_certificate_not_after_seconds{ {{- $own -}} } - time() < {{ $certificateSeconds }}
  for: 15m
  labels: { severity: critical }
  annotations:
    summary: >-
      The serving certificate of Podpass is about to expire, or there is none.
    description: >-
      In {{ "{{ $labels.pod }} it has {{ $value | humanizeDuration }}" }} left, and should have been renewed by now.
- alert: PodpassCertificatesNeedAttention
  expr: >-
    max by (pod) (podpass_certificate_notices{ {{- $own -}} }) > 0
  for: 30m
  labels: { severity: warning }
  annotations:
    summary: >-
      Podpass cannot look after its certificates as it should.
    description: >-
      {{ "{{ $labels.pod }}" }} says in /readyz and in its log what is in its way. What it serves is good until it expires.
- alert: PodpassHandshakesFail
  expr: >-
    sum by (reason) (rate(podpass_tls_handshake_failures_total{ {{- $own }}, reason=~"certificate-refused|no-certificate"}[3m])) > 0
  for: 5m
  labels: { severity: warning }
  annotations:
    summary: >-
      TLS handshakes with Podpass keep on failing.
    description: >-
      {{ "{{ $value | humanize }} a second, for 5 minutes: {{ $labels.reason }}" }}. Whoever reaches the port can cause it, not the API server alone.
- alert: PodpassInternalFaults
  expr: >-
    sum by (reason) (increase(podpass_admission_requests_total{ {{- $own }}, outcome="failed"}[10m])) > 0
  labels: { severity: warning }
  annotations:
    summary: >-
      Podpass could not decide over pods.
    description: >-
      {{ "{{ $value | humanize }} requests failed in 10 minutes: {{ $labels.reason }}" }}.
- alert: PodpassWatchStale
  expr: >-
    max by (pod) (podpass_watch_trusted{ {{- $own -}} }) == 0
  for: 10m
  labels: { severity: warning }
  annotations:
    summary: >-
      Podpass does not get the changes of ServiceAccounts.
    description: >-
      {{ "{{ $labels.pod }}" }} reads each ServiceAccount from the API server. Pods are created more slowly, and not at all where that fails.
- alert: PodpassConfigurationRefused
  expr: >-
    min by (pod) (podpass_configuration_last_reload_successful{ {{- $own -}} }) == 0
  for: 5m
  labels: { severity: warning }
  annotations:
    summary: >-
      The configuration of Podpass is not the one that was written last.
    description: >-
      {{ "{{ $labels.pod }}" }} cannot use it, and keeps the one from before.
- alert: PodpassServiceAccountsInvalid
  expr: >-
    max(podpass_serviceaccounts{ {{- $own }}, state="invalid"}) > 0
  for: 15m
  labels: { severity: warning }
  annotations:
    summary: >-
      There are federated ServiceAccounts that cannot be resolved.
    description: >-
      New pods of {{ "{{ $value }}" }} ServiceAccounts are refused, or start without some of their identities.
{{- if and (include "podpass.readsPolicies" .) (include "podpass.policiesSource" .) }}
- alert: PodpassPoliciesDrifted
  expr: >-
    max by (state) (podpass_policies{ {{- $own }}, state=~"other-configuration|changed|warning|without-binding|missing|left-over"}) > 0
  for: 15m
  labels: { severity: warning }
  annotations:
    summary: >-
      The admission policies of Podpass are not those of its configuration.
    description: >-
      {{ "{{ $value }} are {{ $labels.state }}" }}. While no replica answers, something else is refused or served than the configuration says.
{{- end }}
{{- if .Values.podStatus.enabled }}
- alert: PodpassPodsWithoutIdentity
  expr: >-
    max by (state) (podpass_pod_identities{ {{- $own }}, state=~"missing|stale|not-seen"}) > 0
  for: 1h
  labels: { severity: warning }
  annotations:
    summary: >-
      There are pods that lack an identity, have an older one, or would have none were they created again.
    description: >-
      {{ "{{ $value }} are {{ $labels.state }}" }}. Those that are missing or stale stay so until they are created again; of those that are not-seen the webhook is not asked.
{{- end }}
{{- end }}
