package dev.kogata.k8s.manifest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

/** Reads resources as an API server in strict mode would: a field that nobody knows is an error, not a remark. */
final class StrictFields {
    private static final Map<String, Class<?>> KINDS = Map.ofEntries(
            Map.entry("v1/Namespace", Namespace.class), Map.entry("v1/ServiceAccount", ServiceAccount.class), Map.entry("v1/ConfigMap", ConfigMap.class),
            Map.entry("v1/Service", Service.class), Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
            Map.entry("batch/v1/CronJob", CronJob.class), Map.entry("apps/v1/Deployment", Deployment.class), Map.entry("apps/v1/StatefulSet", StatefulSet.class),
            Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class), Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
            Map.entry("rbac.authorization.k8s.io/v1/Role", Role.class), Map.entry("rbac.authorization.k8s.io/v1/RoleBinding", RoleBinding.class),
            Map.entry("monitoring.coreos.com/v1/PodMonitor", PodMonitor.class), Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class));
    /** The models keep what they do not know in a map; without that, Jackson refuses it. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    private StrictFields() {}

    /** What is wrong with a resource, in words; nothing where it is right. */
    static Set<String> faults(JsonNode resource) {
        String kind = resource.get("apiVersion").asText() + "/" + resource.get("kind").asText();
        try (InputStream definition = StrictFields.class.getResourceAsStream("/crds/" + kind.replace('/', '_') + ".json")) {
            if (definition != null) {
                Set<ValidationMessage> found = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(closed(JSON.readTree(definition))).validate(resource);
                JsonNode job = resource.at("/spec/jobTargetRef");
                if (found.isEmpty() && job.isObject()) {
                    JSON.treeToValue(job, JobSpec.class);
                }
                return Set.copyOf(found.stream().map(ValidationMessage::getMessage).toList());
            }
            if (!KINDS.containsKey(kind)) {
                return Set.of("nothing here knows " + kind);
            }
            JSON.treeToValue(resource, KINDS.get(kind));
            return Set.of();
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return Set.of(e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A definition's schema with no room for fields that it does not name; Kubernetes' own marks become JSON Schema. */
    private static JsonNode closed(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.path("x-kubernetes-int-or-string").asBoolean()) {
                object.remove("type");
            }
            if (object.has("properties") && object.get("properties").isObject() && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean() && !object.has("additionalProperties")
                    && object.path("type").asText().equals("object")) {
                object.put("additionalProperties", false);
            }
            // Of the API server's own kinds, their own models know the fields.
            if (object.path("properties").has("metadata") && object.path("properties").has("apiVersion")) {
                ((ObjectNode) object.get("properties")).putObject("metadata");
            }
            object.forEach(StrictFields::closed);
        } else if (schema instanceof ArrayNode array) {
            array.forEach(StrictFields::closed);
        }
        return schema;
    }
}
