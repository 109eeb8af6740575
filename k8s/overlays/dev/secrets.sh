#!/bin/sh
# The secrets of the overlay `dev`, with new random values, as manifests: k8s/overlays/dev/secrets.sh | kubectl apply -f -
# Once for each cluster: a database keeps the password that it was made with.
set -eu
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
cat <<YAML
apiVersion: v1
kind: Secret
metadata: {name: kogata-database, namespace: ${1:-kogata}}
stringData: {KOGATA_DATABASE_USER: kogata, KOGATA_DATABASE_PASSWORD: $(random)}
---
apiVersion: v1
kind: Secret
metadata: {name: kogata-mesh, namespace: ${1:-kogata}}
stringData: {KOGATA_GRPC_TOKEN: $(random)}
YAML
