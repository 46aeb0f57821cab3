{{/* The JSON of the configuration that policies carry the digest of. */}}
{{- define "podpass.configurationJson" -}}
{{- omit (.Values.configuration | default dict) "apiVersion" "kind" | toJson }}
{{- end }}

{{- define "podpass.configurationDigest" -}}
{{- printf "sha256:%s" (include "podpass.configurationJson" . | sha256sum) }}
{{- end }}

{{/* Where the policies come from, whoever makes them: "" (there are none), "files" (of the chart, for the default configuration) or "rendered". */}}
{{- define "podpass.policiesSource" -}}
{{- if .Values.policies.enabled }}
{{- if .Values.policies.rendered }}rendered
{{- else if or .Values.webhook.namespaceSelector.matchLabels .Values.webhook.namespaceSelector.matchExpressions }}
{{- else if and (not .Values.existingConfigMap) (eq (include "podpass.configurationJson" .) "{}") }}files
{{- end }}
{{- end }}
{{- end }}

{{/* The same of those that this release makes. */}}
{{- define "podpass.policiesFrom" -}}
{{- if .Values.clusterObjects.create }}{{ include "podpass.policiesSource" . }}{{ end }}
{{- end }}

{{/* Whether Podpass reads them, and reports drift. No configuration changes that, which would restart the pods. */}}
{{- define "podpass.readsPolicies" -}}
{{- if and .Values.policies.enabled .Values.policies.reportDrift }}yes{{ end }}
{{- end }}

{{/* Whether there are MutatingAdmissionPolicies, which Kubernetes has from 1.36 on. */}}
{{- define "podpass.mutatesInside" -}}
{{- if and .Values.policies.mutating.enabled (semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version) }}yes{{ end }}
{{- end }}

{{/* How policies are rendered for this release from the configuration of these values, for a shell. */}}
{{- define "podpass.policiesCommand" -}}
podpass policies --config - --release {{ include "podpass.fullname" . }} --namespace {{ .Release.Namespace }} --kubernetes {{ .Capabilities.KubeVersion.Version }}
{{- end }}

{{/* The policies of a file of the chart: (dict "root" $ "file" "policies-exact.yaml"). */}}
{{- define "podpass.policiesOfFile" -}}
{{- /* Where the webhook is never called, nothing may ask for what it makes. */}}
{{- $exempt := concat (list "kube-node-lease" "kube-system" .root.Release.Namespace) .root.Values.webhook.excludedNamespaces | uniq | sortAlpha | toJson }}
{{- $labels := include "podpass.labels" .root | nindent 4 }}
{{- $annotations := "" }}
{{- with .root.Values.extraAnnotations }}
{{- $annotations = printf "%s\n" (toYaml . | indent 4) }}
{{- end }}
{{- .root.Files.Get (printf "files/%s" .file)
  | replace "RELEASE-FULLNAME" (include "podpass.fullname" .root)
  | replace "EXEMPT-NAMESPACES" $exempt
  | replace "RELEASE-NAMESPACE" .root.Release.Namespace
  | replace " RELEASE-LABELS" $labels
  | replace "    EXTRA-ANNOTATIONS: \"\"\n" $annotations }}
{{- end }}

{{/* The documents of policies.rendered of one half: (dict "root" $ "mutating" true). */}}
{{- define "podpass.policiesRendered" -}}
{{- $documents := list }}
{{- range splitList "\n---\n" (.root.Values.policies.rendered | replace "\r\n" "\n") }}
{{- if eq $.mutating (regexMatch "(?m)^kind: Mutating" .) }}
{{- $documents = append $documents (trimSuffix "\n" .) }}
{{- end }}
{{- end }}
{{- join "\n---\n" $documents }}
{{- end }}

{{/* Fails where policies.rendered is not what the other values need, or label mode has nothing that keeps the label. */}}
{{- define "podpass.refusePolicies" -}}
{{- $from := include "podpass.policiesFrom" . }}
{{- if and (eq $from "files") (eq .Values.policies.mode "label") (not (include "podpass.mutatesInside" .)) }}
{{- fail (printf "policies.mode is label, and nothing keeps the label: that takes policies.mutating.enabled, and Kubernetes 1.36 or later (this is %s). Set policies.mode to exact" .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- if eq $from "rendered" }}
{{- $again := printf "Render them again:\n  helm template %s CHART -n %s -f VALUES --set policies.rendered= --show-only templates/configmap.yaml | %s > policies.yaml" .Release.Name .Release.Namespace (include "podpass.policiesCommand" .) }}
{{- if not (regexMatch (printf "(?m)^  name: %s-[-a-z]+\\." (include "podpass.fullname" .)) .Values.policies.rendered) }}
{{- fail (printf "policies.rendered has no policy called %s-…: it is no output of podpass policies, or of another release. %s" (include "podpass.fullname" .) $again) }}
{{- end }}
{{- if not .Values.existingConfigMap }}
{{- $digests := regexFindAll "podpass\\.dev/(configuration|union-with): sha256:[0-9a-f]{64}" .Values.policies.rendered -1 | uniq }}
{{- $own := include "podpass.configurationDigest" . }}
{{- if not (or (has (printf "podpass.dev/configuration: %s" $own) $digests) (has (printf "podpass.dev/union-with: %s" $own) $digests)) }}
{{- fail (printf "policies.rendered is of another configuration: it has %s, and the configuration of these values is %s. To change a configuration that is in use, first install the union of both, with the old configuration: docs/enforcement.md#changing-a-configuration. Otherwise: %s" (join ", " $digests) $own $again) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
