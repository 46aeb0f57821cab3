{{- define "podpass.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* A Service's name, which is narrower than a release's: it begins with a letter, and has no dot. */}}
{{- define "podpass.fullname" -}}
{{- $name := .Values.fullnameOverride }}
{{- if not $name }}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name (include "podpass.name" .)) (contains (include "podpass.name" .) .Release.Name) }}
{{- end }}
{{- $name = $name | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "%q cannot name a Service: it has to begin with a letter, and to have lower-case letters, digits and hyphens only. Choose another release name, or set fullnameOverride" $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{- define "podpass.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "podpass.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is required where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "podpass.caSecretName" -}}
{{- printf "%s-ca" (include "podpass.fullname" .) }}
{{- end }}

{{- define "podpass.tlsSecretName" -}}
{{- if eq .Values.certificates.mode "files" }}
{{- required "certificates.secretName is required with certificates.mode: files" .Values.certificates.secretName }}
{{- else }}
{{- default (printf "%s-tls" (include "podpass.fullname" .)) .Values.certificates.secretName }}
{{- end }}
{{- end }}

{{- define "podpass.configMapName" -}}
{{- default (include "podpass.fullname" .) .Values.existingConfigMap }}
{{- end }}

{{/* A name of the Service that the serving certificate is for. */}}
{{- define "podpass.serviceHost" -}}
{{- printf "%s.%s.svc" (include "podpass.fullname" .) .Release.Namespace }}
{{- end }}

{{- define "podpass.annotationPrefix" -}}
{{- (.Values.configuration | default dict).annotationPrefix | default "podpass.dev" }}
{{- end }}

{{- define "podpass.selectorLabels" -}}
app.kubernetes.io/name: {{ include "podpass.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "podpass.labels" -}}
{{- $own := include "podpass.selectorLabels" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_")) }}
{{- toYaml (mergeOverwrite (deepCopy .Values.extraLabels) $own) }}
{{- end }}

{{/* Name, labels and annotations of an object: (dict "root" $ "suffix" "" "labels" (dict) "annotations" (dict) "cluster" false). */}}
{{- define "podpass.metadata" -}}
name: {{ printf "%s%s" (include "podpass.fullname" .root) .suffix | quote }}
{{- if not .cluster }}
namespace: {{ .root.Release.Namespace | quote }}
{{- end }}
labels:
  {{- $labels := include "podpass.labels" .root | fromYaml }}
  {{- toYaml (mergeOverwrite (deepCopy (.labels | default dict)) $labels) | nindent 2 }}
{{- with mergeOverwrite (deepCopy .root.Values.extraAnnotations) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "podpass.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The namespaces that both webhooks see. */}}
{{- define "podpass.namespaceSelector" -}}
{{- with .Values.webhook.namespaceSelector.matchLabels -}}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{ end -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      {{- concat (list .Release.Namespace "kube-system") .Values.webhook.excludedNamespaces | uniq | toYaml | nindent 6 }}
  {{- with .Values.webhook.namespaceSelector.matchExpressions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
