#!/usr/bin/env bash
# The overlay `dev` on a real cluster, whichever kubectl reaches: a job through the gateway, workers from zero and back, then everything
# that can die dies in mid-search. Leaves nothing behind but images. Exit 0 only if all of it holds.
#
#   mvn -q -Pimages -DskipTests package && KOGATA_IMAGE_LOAD='kind load image-archive' k8s/e2e.sh
#
#   KOGATA_IMAGE_LOAD       command that brings an image in, called with each tar; or
#   KOGATA_REGISTRY         registry that they were pushed to (-Dkogata.images.registry) and the cluster pulls from
#   KOGATA_POSTGRES_IMAGE   another image of PostgreSQL (k8s/images/debian.sh postgres: kogata/postgres:15), else the public one
#   KOGATA_E2E_PARTS        of: job faults memory backup jobs (default: all; `jobs` is without KEDA)       KOGATA_E2E_KEEP=1 leaves the namespace
#   KOGATA_E2E_TRIALS       trials of the job that is struck: enough that it still searches at the last strike
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(dirname "$here"); ns=kogata; arch=${KOGATA_ARCHITECTURE:-amd64}
parts=" ${KOGATA_E2E_PARTS:-job faults memory backup jobs} "
work=$(mktemp -d /tmp/kogata-k8s.XXXXXX); kube() { kubectl -n $ns "$@"; }
say() { printf 'k8s %s  %s\n' "$(date +%T)" "$*"; }
fail() { say "FAILED: $*"; kube get pods -o wide || true; for pod in $(kube get pods -o name); do kube logs "$pod" | grep -F '"level":"ERROR"' | cut -c1-1500 | tail -3 || true; done; kube get events --sort-by=.lastTimestamp 2> /dev/null | tail -15 || true; exit 1; }
millis() { echo $(($(date +%s%N) / 1000000)); }
has() { [[ $parts == *" $1 "* ]]; }
within() { # SECONDS WHAT COMMAND...: waits until the command succeeds
  local end=$(($(date +%s) + $1)) what=$2; shift 2
  until "$@" > "$work/last" 2>&1; do [ "$(date +%s)" -lt $end ] || fail "$what did not happen in time"; sleep 0.3; done
}

forwarded= volunteer=
cleanup() {
  [ -z "$forwarded" ] || kill "$forwarded" 2> /dev/null || true
  [ -z "$volunteer" ] || kill "$volunteer" 2> /dev/null || true
  [ -n "${cordoned:-}" ] && kubectl uncordon "$cordoned" > /dev/null 2>&1
  [ "${KOGATA_E2E_KEEP:-0}" = 1 ] || { kubectl delete namespace $ns $ns-volume --ignore-not-found --timeout=90s > /dev/null 2>&1 || true; }
  rm -rf "$work"
}
trap cleanup EXIT

images() {
  if [ -n "${KOGATA_IMAGE_LOAD:-}" ]; then
    for name in gateway orchestrator profiler pruner quantizer evaluator broker; do
      local tar=$here/target/images/$name-$arch.tar
      [ -f "$tar" ] || fail "$tar is missing: mvn -Pimages package makes it"
      $KOGATA_IMAGE_LOAD "$tar" > /dev/null
    done
    say "images are in"
  fi
}

# The overlay with this cluster's images: names are in one place, so they are replaced in one place.
overlay() { # NAME
  local local_overlay=$here/target/e2e; mkdir -p "$local_overlay"
  {
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../overlays/%s]\nimages:\n' "$1"
    [ -z "${KOGATA_REGISTRY:-}" ] || sed -n "s|^- {name: kogata/\([a-z]*\), newTag: \(.*\)}|- {name: kogata/\1, newName: $KOGATA_REGISTRY/\1, newTag: \2-$arch}|p" "$here/components/images/kustomization.yaml"
    [ -z "${KOGATA_POSTGRES_IMAGE:-}" ] || printf -- '- {name: postgres, newName: %s, newTag: "%s"}\n' "${KOGATA_POSTGRES_IMAGE%:*}" "${KOGATA_POSTGRES_IMAGE##*:}"
    echo
  } > "$local_overlay/kustomization.yaml"
  kubectl kustomize "$local_overlay"
}

# A volume that is a folder of the node belongs to root there, and no pod of the namespace may be root: another one's gives it away.
volume() {
  local image; image=$(sed -n '/name: postgres$/,/image:/s/.*image: //p' "$work/dev.yaml" | grep -m1 postgres)
  kubectl apply -f "$here/overlays/dev/volume.yaml" -n $ns > /dev/null
  kubectl apply -f - > /dev/null <<YAML
{apiVersion: v1, kind: Pod, metadata: {name: volume, namespace: $ns}, spec: {restartPolicy: Never, automountServiceAccountToken: false,
  securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}},
  containers: [{name: c, image: "$image", command: [sh, -c, "mkdir -p /v/postgres /v/broker /v/kogata/artifacts"], volumeMounts: [{name: v, mountPath: /v}],
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}}],
  volumes: [{name: v, persistentVolumeClaim: {claimName: kogata}}]}}
YAML
  within 120 "the volume" sh -c "kubectl -n $ns get pod volume -o jsonpath='{.status.phase}' | grep -qE 'Succeeded|Failed'"
  if [ "$(kube get pod volume -o jsonpath='{.status.phase}')" = Failed ]; then
    local path; path=$(kubectl get pv "$(kube get pvc kogata -o jsonpath='{.spec.volumeName}')" -o jsonpath='{.spec.hostPath.path}')
    [ -n "$path" ] || fail "the volume cannot be written by user 10001"
    kubectl create namespace $ns-volume --dry-run=client -o yaml | kubectl apply -f - > /dev/null
    kubectl apply -f - > /dev/null <<YAML
{apiVersion: v1, kind: Pod, metadata: {name: volume, namespace: $ns-volume}, spec: {restartPolicy: Never, securityContext: {runAsUser: 0},
  containers: [{name: c, image: "$image", command: [sh, -c, "rm -rf /v/*; mkdir -p /v/postgres /v/broker /v/kogata/artifacts; chown -R 10001:10001 /v"], volumeMounts: [{name: v, mountPath: /v}]}],
  volumes: [{name: v, hostPath: {path: "$path"}}]}}
YAML
    within 60 "the volume's owner" sh -c "kubectl -n $ns-volume get pod volume -o jsonpath='{.status.phase}' | grep -q Succeeded"
    kubectl delete namespace $ns-volume --wait=false > /dev/null
  fi
  kube delete pod volume --wait=false > /dev/null
}

forward() { # the gateway's Service on a free port of this machine, again where the pod behind it is gone
  [ -z "$forwarded" ] || kill "$forwarded" 2> /dev/null || true
  kube port-forward --address 127.0.0.1 service/gateway :80 > "$work/forward" 2>&1 & forwarded=$!
  for _ in $(seq 50); do server=$(sed -n 's|^Forwarding from \(127.0.0.1:[0-9]*\) .*|http://\1|p' "$work/forward"); [ -z "$server" ] || return 0; kill -0 $forwarded 2> /dev/null || return 1; sleep 0.1; done
  return 1
}
api() { # PATH [curl's options]: patient, since what is asked may be down on purpose
  local path=$1 end=$(($(date +%s) + 150)); shift
  until curl -sf -m 20 "$@" "$server$path" 2> /dev/null; do [ "$(date +%s)" -lt $end ] || fail "$path is not answered"; sleep 0.5; kill -0 $forwarded 2> /dev/null && curl -sf -m 5 -o /dev/null "$server/health/live" || forward || true; done
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -1; }
job() { api "/v1/$1" | field "$2"; }
ended() { case $(job "$1" state) in SUCCEEDED | FAILED | CANCELLED) true ;; *) false ;; esac; }
working() { kube get pods -l kogata.dev/role=worker --field-selector=status.phase!=Succeeded,status.phase!=Failed --no-headers 2> /dev/null | grep -vc Terminating || true; }
no_workers() { [ "$(working)" = 0 ]; }
ready() { kube rollout status deployment,statefulset --timeout=300s > /dev/null || fail "the mesh is not ready"; }
once() { # a job that succeeded, and said so one time
  [ "$(job "$1" state)" = SUCCEEDED ] || fail "$1 is $(job "$1" state): $(job "$1" message)"
  local told; told=$(api "/v1/$1/events" -H 'Accept: text/event-stream' | grep -c '"state":"SUCCEEDED"' || true)
  [ "$told" = 1 ] || fail "$1 succeeded $told times"
}
asked_for() { # whether a job like that is there; the command that asks for it has to live until then
  kill -0 $volunteer 2> /dev/null || { cat "$work"/*.log; fail "compress ended before its job began"; }
  curl -sf -m 10 "$server/v1/jobs" | grep -q "$1"
}
named() { # the job with that seed
  api /v1/jobs | grep -o '"name":"jobs/[^"]*"' | sed 's/.*"\(jobs[^"]*\)"/\1/' | while read -r each; do [ "$(job "$each" seed)" != "$1" ] || echo "$each"; done
}
verified() { # by a way to the gateway that is there now: what `api` opens ends with the subshell that it is called in
  within 60 "the way to the gateway" forward
  "$root/kogata" jobs result "${1#jobs/}" --server "$server" --out "$work/result" > /dev/null && "$root/kogata" verify "$work/result" > /dev/null || fail "the result of $1 does not hold"
}

# As what they are, not as what a manifest says: every process's user, and what becomes of a file in the root folder.
confined() {
  local pod name seen=0
  for pod in $(kube get pods --field-selector=status.phase=Running -o name); do
    case $pod in
      pod/postgres-*) name=$(kube exec "$pod" -- id -u); kube exec "$pod" -- sh -c 'echo > /written' > /dev/null 2>&1 && fail "$pod can write its root file system" ;;
      *) name=$(kube exec "$pod" -- java -Xmx16m -XshowSettings:properties -version 2>&1 | sed -n 's/.*user.name = //p') || continue
        kube exec "$pod" -- java -Xmx16m -Xlog:os:file=/written -version > /dev/null 2>&1 && fail "$pod can write its root file system" ;;
    esac
    [ -n "$name" ] || continue
    [ "$name" != root ] && [ "$name" != 0 ] || fail "$pod runs as root"
    seen=$((seen + 1))
  done
  say "$seen running pods: none as root, none can write its root file system"
}

started=$(millis)
kubectl get --raw /readyz > /dev/null || { echo "no cluster: kubectl reaches none" >&2; exit 2; }
images
overlay dev > "$work/dev.yaml"
kubectl apply -f "$here/base/namespace.yaml" > /dev/null
kubectl get -n $ns secret kogata-database > /dev/null 2>&1 || sh "$here/overlays/dev/secrets.sh" $ns | kubectl apply -f - > /dev/null
volume
# KEDA last: it keeps the connection that it opens, and a Service's address means nothing until every node knows it.
kubectl apply -f "$work/dev.yaml" -l 'kogata.dev/role!=scaling' > /dev/null
ready; kubectl apply -f "$work/dev.yaml" -l kogata.dev/role=scaling > /dev/null; within 30 "the way to the gateway" forward
say "the mesh is ready after $((($(millis) - started) / 1000)) s"

# A few conversations of the demo's: what is tested here is the mesh.
mkdir "$work/data"; cp -r "$root/demo/data/images" "$work/data/images"; head -n "${KOGATA_E2E_CONVERSATIONS:-32}" "$root/demo/data/calibration.jsonl" > "$work/data/calibration.jsonl"

compress() { # LOG TRIALS SEED: asks for a job and goes on; its command is the volunteer
  "$root/kogata" compress "$root/demo/shapes-llava" --budget 60% --method wanda --final as-searched --trials "$2" --seed "$3" --data "$work/data/calibration.jsonl" --server "$server" --out "$work/$1" > "$work/$1.log" 2>&1 & volunteer=$!
  within 180 "the job $1" asked_for "\"seed\":$3"
}
cancel() { api "/v1/$1:cancel" -X POST > /dev/null; within 120 "the end of $1" ended "$1"; }
leave() { kill $volunteer 2> /dev/null || true; volunteer=; }
from_zero_and_back() { # NAME SEED: a whole job, from no worker to none
  local profiler asked most now done_at
  within 120 "zero workers" no_workers
  compress "$1" 3 "$2"
  profiler=$(kube get pods -l app.kubernetes.io/name=profiler -o jsonpath='{.items[0].metadata.name}')
  asked=$(date -d "$(job "$(named "$2")" create_time)" +%s%3N)
  within 240 "the first task" sh -c "kubectl get --raw /api/v1/namespaces/$ns/pods/$profiler:8080/proxy/metrics | grep '^kogata_tasks{' | grep -i running | grep -qv ' 0.0$'"
  say "first task running $(($(millis) - asked)) ms after the job was asked for, from zero workers"
  confined
  most=0; while kill -0 $volunteer 2> /dev/null; do now=$(working); [ "$now" -le $most ] || most=$now; sleep 1; done
  wait $volunteer || { cat "$work/$1.log"; fail "compress ended with $?"; }
  volunteer=; done_at=$(millis)
  "$root/kogata" verify "$work/$1" > /dev/null || fail "what was downloaded does not hold"
  [ $most -gt 0 ] || fail "no worker was seen"
  within 180 "zero workers again" no_workers
  say "uploaded, compressed, downloaded, verified; workers 0 -> $most -> 0, the last gone $(($(millis) - done_at)) ms after the result was here"
}
restarted() { # how often, and how they had ended
  kube get pods -o jsonpath='{range .items[*]}{range .status.containerStatuses[?(@.restartCount>0)]}{.image}{" "}{.restartCount}{" "}{.lastState.terminated.reason}{" "}{.lastState.terminated.exitCode}{"; "}{end}{end}'
}
trials() { local n; n=$(job "$name" finished_trials); echo "${n:-0}"; }
further() { ended "$name" && return 0; [ "$(trials)" -gt "$before" ]; }

if has job; then from_zero_and_back compressed 7; fi

if has faults; then
  compress faulted "${KOGATA_E2E_TRIALS:-200}" 11
  name=$(named 11); leave
  strike() { # WHAT COMMAND...
    local what=$1 state; shift
    before=$(trials); within 400 "another trial before '$what'" further
    state=$(job "$name" state); [ "$state" = SEARCHING ] || fail "'$what' was to strike in mid-search, but the job is $state: more trials (KOGATA_E2E_TRIALS)"
    "$@" > /dev/null 2>&1 || fail "'$what' could not be done"
    say "after trial $(trials): $what"
  }
  kill_pods() { kube delete pods -l app.kubernetes.io/name="$1" --grace-period=0 --force; }
  drain() {
    cordoned=$(kube get pods -l app.kubernetes.io/name=orchestrator -o jsonpath='{.items[0].spec.nodeName}')
    kubectl drain "$cordoned" --pod-selector=app.kubernetes.io/part-of=kogata --delete-emptydir-data --ignore-daemonsets --force --timeout=180s; kubectl uncordon "$cordoned"; cordoned=; kube rollout status deployment,statefulset --timeout=300s
  }
  roll() { kube rollout restart deployment; kube rollout status deployment --timeout=300s; }
  strike "worker killed" kill_pods evaluator-worker
  strike "broker killed" kill_pods broker
  strike "orchestrator killed" kill_pods orchestrator
  strike "database killed" kill_pods postgres
  strike "node drained, and open again" drain
  strike "every Deployment rolled" roll
  ready
  within 600 "the end of $name" ended "$name"
  once "$name"; verified "$name"
  say "$name succeeded, once, and its result holds; containers that were started again: $(restarted)"
fi
if has memory; then
  limit() { kube patch scaledjob profiler-worker --type=json -p "[{\"op\":\"replace\",\"path\":\"/spec/jobTargetRef/template/spec/containers/0/resources\",\"value\":{\"requests\":{\"cpu\":\"250m\",\"memory\":\"$1\"},\"limits\":{\"memory\":\"$2\"}}}]" > /dev/null; }
  within 180 "zero workers" no_workers
  # Enough for a worker to start and to take a task, and too little for the model.
  limit 150Mi 150Mi
  compress small 3 13
  name=$(named 13); leave
  over_memory() { api "/v1/$name" | grep -q "WORKER_OVER_MEMORY.*memory limit is 150Mi"; }
  within 240 "an attempt over its memory" over_memory
  limit 768Mi 2Gi; cancel "$name"
  say "a pod over its memory limit is named as that in the job's remarks"
fi
if has backup; then
  compress kept "${KOGATA_E2E_BACKUP_TRIALS:-40}" 17
  name=$(named 17); leave
  before=1; within 400 "two trials" further
  began=$(millis); "$here/overlays/dev/backup.sh" save "$work/backup"; say "saved within $((($(millis) - began) / 1000)) s, $(du -sh "$work/backup" | cut -f1), after trial $(trials)"
  [ "$(job "$name" state)" = SEARCHING ] || fail "$name was to be saved in mid-search: more trials (KOGATA_E2E_BACKUP_TRIALS)"
  # All that came after it is lost, and what was deleted is there again.
  cancel "$name"; within 60 "the deletion" curl -sf -m 10 -X DELETE -o /dev/null "$server/v1/$name"
  began=$(millis); "$here/overlays/dev/backup.sh" restore "$work/backup"; say "restored within $((($(millis) - began) / 1000)) s"
  within 60 "the way to the gateway" forward
  within 600 "the end of $name" ended "$name"
  once "$name"; verified "$name"
  say "$name went on from the backup and succeeded, once, and its result holds"
fi
if has jobs; then
  within 180 "zero workers" no_workers
  overlay dev-without-keda > "$work/without-keda.yaml"
  kube delete scaledjob --all > /dev/null; kubectl apply -f "$work/without-keda.yaml" > /dev/null; ready; within 60 "the way to the gateway" forward
  say "without KEDA: the orchestrator starts workers"
  from_zero_and_back plain 19
  [ "$(kube get jobs -l app.kubernetes.io/managed-by=kogata-orchestrator --no-headers | wc -l)" -gt 0 ] || fail "no Job is the orchestrator's"
fi
say "done after $((($(millis) - started) / 1000)) s"
