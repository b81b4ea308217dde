{{- define "dqueue.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "dqueue.fullname" -}}
{{- $name := include "dqueue.name" . -}}
{{- $whole := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $whole .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "dqueue.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dqueue.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dqueue.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "dqueue.selectorLabels" . }}
{{- end -}}

{{- define "dqueue.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "dqueue.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "dqueue.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "dqueue.maxConcurrentRuns" -}}
{{- .Values.dagster.maxConcurrentRuns | default .Values.dqueue.maxConcurrentRuns | int64 -}}
{{- end -}}

{{- define "postgresql.hostname" -}}
{{- .Values.postgresql.external.host | default (printf "%s-postgresql" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{- define "rabbitmq.hostname" -}}
{{- .Values.rabbitmq.external.host | default (printf "%s-rabbitmq" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{- define "postgresql.secretName" -}}
{{- .Values.postgresql.auth.existingSecret | default (printf "%s-postgresql" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{- define "rabbitmq.secretName" -}}
{{- .Values.rabbitmq.auth.existingSecret | default (printf "%s-rabbitmq" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{- define "dqueue.adminKeySecret" -}}
{{- .Values.auth.existingSecret | default (printf "%s-admin-key" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{- define "dqueue.adminKeyRef" -}}
secretKeyRef:
  name: {{ include "dqueue.adminKeySecret" . }}
  key: {{ ternary .Values.auth.secretKey "key" (ne .Values.auth.existingSecret "") }}
{{- end -}}

{{- define "dqueue.oidcSecret" -}}
{{- .Values.auth.oidc.existingSecret | default (printf "%s-oidc" (include "dqueue.fullname" .)) -}}
{{- end -}}

{{/* Text as it stands in a part of a URL. */}}
{{- define "dqueue.inUrl" -}}
{{- urlquery . | replace "+" "%20" -}}
{{- end -}}

{{/* What cannot be meant. One server each; a whole provider; one who scales; names under which the web server is asked from outside. */}}
{{- define "dqueue.refuse" -}}
{{- range $name := list "postgresql" "rabbitmq" -}}
  {{- $server := index $.Values $name -}}
  {{- if and $server.enabled $server.external.host -}}
    {{- fail (printf "%s.enabled and %s.external.host exclude each other: set %s.enabled to false to use yours." $name $name $name) -}}
  {{- end -}}
  {{- if not (or $server.enabled $server.external.host $server.auth.existingSecret) -}}
    {{- fail (printf "%s.enabled is false: say where yours is with %s.external.host, or with the URL in %s.auth.existingSecret." $name $name $name) -}}
  {{- end -}}
{{- end -}}
{{- with .Values.auth.oidc -}}
  {{- $given := or .issuer .clientId .clientSecret .existingSecret .allowedDomains -}}
  {{- $whole := and .issuer .clientId (or .clientSecret .existingSecret) .allowedDomains -}}
  {{- if and $given (not $whole) -}}
    {{- fail "auth.oidc needs issuer, clientId, clientSecret or existingSecret, and allowedDomains: without domains everybody with an account at the provider would be let in." -}}
  {{- end -}}
  {{- if and .clientSecret .existingSecret -}}
    {{- fail "auth.oidc.clientSecret and auth.oidc.existingSecret exclude each other: set one of them." -}}
  {{- end -}}
  {{- if and $given $.Values.auth.insecure -}}
    {{- fail "auth.insecure and auth.oidc exclude each other: where nobody is asked, nobody signs in." -}}
  {{- end -}}
{{- end -}}
{{- range $name, $group := include "dqueue.workerGroups" . | fromYaml -}}
  {{- if and $group.autoscaling.enabled $group.keda.enabled -}}
    {{- fail (printf "Workers%s: autoscaling.enabled and keda.enabled exclude each other, for both would set the number of replicas: switch one of them off." (ternary "" (printf " of the group %s" $name) (eq $name ""))) -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
  {{- fail "ingress.enabled needs ingress.host: the web server answers only under names that it knows." -}}
{{- end -}}
{{- if .Values.httpRoute.enabled -}}
  {{- if not (and .Values.httpRoute.parentRefs .Values.httpRoute.hostnames) -}}
    {{- fail "httpRoute.enabled needs httpRoute.parentRefs, the Gateway, and httpRoute.hostnames: the web server answers only under names that it knows." -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.openshift.route.enabled (not .Values.openshift.route.host) -}}
  {{- fail "openshift.route.enabled needs openshift.route.host: the web server answers only under names that it knows." -}}
{{- end -}}
{{- end -}}

{{/* All groups of workers by name, "" for the first, each with all of its values. Resources and places are one's own or all's. */}}
{{- define "dqueue.workerGroups" -}}
{{- $base := omit .Values.worker "groups" -}}
{{- $groups := dict "" $base -}}
{{- range $name, $own := .Values.worker.groups -}}
  {{- $group := mergeOverwrite (deepCopy $base) $own -}}
  {{- range list "resources" "nodeSelector" "affinity" -}}
    {{- if hasKey $own . }}{{ $_ := set $group . (index $own .) }}{{ end -}}
  {{- end -}}
  {{- $_ := set $groups $name $group -}}
{{- end -}}
{{- toYaml $groups -}}
{{- end -}}

{{/* Where browsers come in from outside; without Ingress, Route and HTTPRoute: nothing. */}}
{{- define "dqueue.outerUrl" -}}
{{- if .Values.ingress.enabled -}}
http{{ if .Values.ingress.tlsSecret }}s{{ end }}://{{ .Values.ingress.host }}
{{- else if .Values.openshift.route.enabled -}}
https://{{ .Values.openshift.route.host }}
{{- else if .Values.httpRoute.enabled -}}
https://{{ first .Values.httpRoute.hostnames }}
{{- end -}}
{{- end -}}

{{- define "dqueue.allowedHosts" -}}
{{- $service := printf "%s-webserver" (include "dqueue.fullname" .) -}}
{{- $names := list $service -}}
{{- range list (printf "%s.%s" $service .Release.Namespace) -}}
  {{- $names = concat $names (list . (printf "%s.svc" .) (printf "%s.svc.cluster.local" .)) -}}
{{- end -}}
{{- if .Values.ingress.enabled }}{{ $names = append $names .Values.ingress.host }}{{ end -}}
{{- if .Values.httpRoute.enabled }}{{ $names = concat $names .Values.httpRoute.hostnames }}{{ end -}}
{{- if .Values.openshift.route.enabled }}{{ $names = append $names .Values.openshift.route.host }}{{ end -}}
{{- concat $names .Values.webserver.allowedHosts | join "," -}}
{{- end -}}

{{/* How many replicas there are now, which an upgrade is not to undo; before there are any: as the values say. */}}
{{- define "dqueue.liveReplicas" -}}
{{- $live := lookup "apps/v1" "Deployment" .namespace .name -}}
{{- if $live }}{{ $live.spec.replicas }}{{ else }}{{ .replicas }}{{ end -}}
{{- end -}}

{{- define "dqueue.env" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "postgresql.secretName" . }}
      key: {{ ternary .Values.postgresql.auth.secretKeys.url "DATABASE_URL" (ne .Values.postgresql.auth.existingSecret "") }}
- name: AMQP_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "rabbitmq.secretName" . }}
      key: {{ ternary .Values.rabbitmq.auth.secretKeys.url "AMQP_URL" (ne .Values.rabbitmq.auth.existingSecret "") }}
{{- with .Values.trustedCertificates }}
{{- if .configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/dqueue/trusted/{{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What every container of the image has. */}}
{{- define "dqueue.container" -}}
image: {{ include "dqueue.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
envFrom:
  - configMapRef:
      name: {{ include "dqueue.fullname" . }}
{{- end -}}

{{- define "dqueue.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.trustedCertificates.configMap }}
- name: trusted-certificates
  mountPath: /etc/dqueue/trusted
  readOnly: true
{{- end }}
{{- end -}}

{{- define "dqueue.volumes" -}}
- name: tmp
  emptyDir: {}
{{- with .Values.trustedCertificates.configMap }}
- name: trusted-certificates
  configMap: { name: {{ . }} }
{{- end }}
{{- end -}}

{{- define "dqueue.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: metrics }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /health/live, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /health/ready, port: metrics }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{/* What changes a pod's settings without changing the pod. */}}
{{- define "dqueue.podMetadata" -}}
annotations:
  checksum/settings: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
  checksum/servers: {{ list .root.Values.postgresql.auth .root.Values.postgresql.external .root.Values.rabbitmq.auth .root.Values.rabbitmq.external | toJson | sha256sum }}
  {{- if eq .component "webserver" }}
  checksum/auth: {{ .root.Values.auth | toJson | sha256sum }}
  {{- end }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
labels:
  {{- include "dqueue.selectorLabels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
  {{- with .group }}
  dqueue/worker-group: {{ . }}
  {{- end }}
  dqueue/metrics: "true"
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What all pods of the image have, up to their containers. */}}
{{- define "dqueue.podBasics" -}}
serviceAccountName: {{ include "dqueue.serviceAccountName" . }}
automountServiceAccountToken: false
# Variables of services would be taken for settings.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- define "dqueue.podSpec" -}}
{{- $role := .values -}}
{{ include "dqueue.podBasics" .root }}
{{- with $role.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .root.Values.topologySpread }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "dqueue.selectorLabels" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
        {{- with $.group }}
        dqueue/worker-group: {{ . }}
        {{- end }}
  {{- end }}
{{- end }}
initContainers:
  # A process refuses to start on a schema that the migration has not brought up to date.
  - name: schema
    {{- include "dqueue.container" .root | nindent 4 }}
    # By tini, so that it ends when its pod does.
    command: [/usr/bin/tini, --, sh, -c, "until dqueue migrate --check; do sleep 2; done"]
    env: {{- include "dqueue.env" .root | nindent 6 }}
    resources: {{- toYaml $role.resources | nindent 6 }}
    volumeMounts: {{- include "dqueue.volumeMounts" .root | nindent 6 }}
{{- end -}}
