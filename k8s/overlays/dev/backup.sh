#!/usr/bin/env bash
# Backup and restore of the overlay `dev`, whichever cluster kubectl reaches. Jobs go on during a backup; a restore stops everything meanwhile.
#
#   backup.sh save FOLDER        FOLDER/kogata.dump and FOLDER/artifacts.tar
#   backup.sh restore FOLDER     in the place of what is there
set -euo pipefail
[ $# = 2 ] || { echo "usage: backup.sh save|restore FOLDER" >&2; exit 2; }
what=$1 folder=$2 ns=${KOGATA_NAMESPACE:-kogata}
kube() { kubectl -n "$ns" "$@"; }
postgres() { kube exec -i postgres-0 -- "$@"; } # what it reads has to be said

# A pod that has the volume: those of the services have no tar.
volume() {
  local image; image=$(kube get statefulset postgres -o jsonpath='{.spec.template.spec.containers[0].image}')
  kube apply -f - > /dev/null <<YAML
{apiVersion: v1, kind: Pod, metadata: {name: backup}, spec: {restartPolicy: Never, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0,
  securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}},
  containers: [{name: c, image: "$image", imagePullPolicy: IfNotPresent, command: [sh, -c, "sleep 86400"], volumeMounts: [{name: v, mountPath: /v, subPath: kogata}],
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}},
    resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 256Mi}}}],
  volumes: [{name: v, persistentVolumeClaim: {claimName: kogata}}]}}
YAML
  trap 'kube delete pod backup --wait=false > /dev/null 2>&1 || true' EXIT
  kube wait pod/backup --for=condition=Ready --timeout=120s > /dev/null
}

case $what in
  save)
    mkdir -p "$folder"
    volume
    # The database first: what its rows name was stored before, and nothing in the store ever changes.
    postgres pg_dump -h /var/run/postgresql -U kogata -Fc kogata < /dev/null > "$folder/kogata.dump.part"
    # Files that come or go while they are read are none that a row names, as long as kogata.jobs.keep-deleted is longer than this takes.
    kube exec backup -- tar -C /v --warning=no-file-changed --ignore-failed-read -cf - artifacts > "$folder/artifacts.tar.part" || [ $? = 1 ]
    mv "$folder/kogata.dump.part" "$folder/kogata.dump"; mv "$folder/artifacts.tar.part" "$folder/artifacts.tar" ;;
  restore)
    [ -f "$folder/kogata.dump" ] && [ -f "$folder/artifacts.tar" ] || { echo "$folder holds no backup" >&2; exit 2; }
    kube scale deployment -l kogata.dev/role=api --replicas=0 > /dev/null
    kube wait pod -l kogata.dev/role=api --for=delete --timeout=120s > /dev/null
    kube delete job --all --timeout=120s > /dev/null
    volume
    postgres dropdb -h /var/run/postgresql -U kogata --if-exists --force kogata < /dev/null
    postgres createdb -h /var/run/postgresql -U kogata kogata < /dev/null
    postgres pg_restore -h /var/run/postgresql -U kogata --exit-on-error -d kogata < "$folder/kogata.dump"
    kube exec backup -- sh -c 'rm -rf /v/artifacts/*'
    kube exec -i backup -- tar -C /v -xf - < "$folder/artifacts.tar"
    kube scale deployment -l kogata.dev/role=api --replicas=1 > /dev/null
    kube rollout status deployment --timeout=600s > /dev/null ;;
  *) echo "'$what' is neither save nor restore" >&2; exit 2 ;;
esac
