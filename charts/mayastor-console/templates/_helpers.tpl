{{- define "mayastor-console.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "mayastor-console.fullname" -}}
{{- $name := include "mayastor-console.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mayastor-console.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mayastor-console.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "mayastor-console.labels" -}}
{{ include "mayastor-console.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "mayastor-console.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mayastor-console.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Some cluster's Kubernetes API is asked as this pod. */}}
{{- define "mayastor-console.asksKubernetes" -}}
{{- range .Values.clusters -}}
{{- if and (hasKey . "kubernetes") (not (dig "kubernetes" "kubeconfig" "" .)) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- define "mayastor-console.isLocal" -}}
{{- if eq .Values.auth.mode "local" -}}true{{- end -}}
{{- end -}}

{{/* Sessions outlive a restart, and so must what ended them. */}}
{{- define "mayastor-console.keepsSessions" -}}
{{- if and .Values.auth.sessionKeyFile (not .Values.auth.endedSessionsFile) -}}true{{- end -}}
{{- end -}}

{{/* One that listens on loopback is asked from inside; kubelet asks by the pod's address. */}}
{{- define "mayastor-console.probe" -}}
{{- if include "mayastor-console.isLocal" .root -}}
exec: { command: [node, -e, "fetch('http://127.0.0.1:4200{{ .path }}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"] }
{{- else -}}
httpGet: { path: {{ .path }}, port: http }
{{- end -}}
{{- end -}}

{{/* Where people open the console; the server refuses every other host name. */}}
{{- define "mayastor-console.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- .Values.publicUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- if not .Values.ingress.tls.enabled -}}
{{- fail "ingress.tls.enabled must be true, or publicUrl the https:// address of what ends TLS: sessions would cross the network readable" -}}
{{- end -}}
{{- printf "https://%s" (required "ingress.host must be set when ingress.enabled is true" .Values.ingress.host) -}}
{{- end -}}
{{- end -}}
