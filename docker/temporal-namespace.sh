#!/bin/sh
# Makes the namespace and the search attributes that workflows are started with; harmless when repeated.
set -eu
until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done
temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
for name in Organisation ConnectionId TicketId Verdict Sha256; do
  temporal operator search-attribute list --namespace "$NAMESPACE" | grep -q "^ *$name " ||
    temporal operator search-attribute create --namespace "$NAMESPACE" --name "$name" --type Keyword
done
