package dev.kogata.gateway.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.common.v1.GraphSignature;
import dev.kogata.common.v1.TensorSignature;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.CurrentCaller;
import dev.kogata.gateway.problem.Problems;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobResult;
import io.grpc.StatusRuntimeException;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * {@code /v2/models/ID}: what a delivered bundle takes and gives, as the Open Inference Protocol (KServe v2) says it; ID is the job's.
 * Inputs and outputs are the decoder's; those of the other graphs are among the parameters.
 */
@Path("/v2/models/{id}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "results")
public class ModelMetadataResource {
    private static final JsonMapper JSON = new JsonMapper();
    /** What a job delivers is never replaced. */
    private static final String VERSION = "1";

    private final OrchestratorClient orchestrator;
    private final CurrentCaller caller;

    @Inject
    ModelMetadataResource(OrchestratorClient orchestrator, CurrentCaller caller) {
        this.orchestrator = orchestrator;
        this.caller = caller;
    }

    /** The metadata. */
    @GET
    @Operation(summary = "Inputs and outputs of a delivered bundle", description = "Model metadata of the Open Inference Protocol (KServe v2), by the job's id.")
    public String metadata(@PathParam("id") String id) {
        List<GraphSignature> graphs = graphs(id);
        ObjectNode metadata = JSON.createObjectNode().put("name", id).put("platform", "onnxruntime_onnx");
        metadata.putArray("versions").add(VERSION);
        GraphSignature main = graphs.stream().filter(graph -> graph.getComponent().equals("decoder")).findFirst().orElse(graphs.get(0));
        tensors(metadata.putArray("inputs"), main.getInputsList());
        tensors(metadata.putArray("outputs"), main.getOutputsList());
        ArrayNode all = metadata.putObject("parameters").putArray("graphs");
        for (GraphSignature graph : graphs) {
            ObjectNode one = all.addObject().put("component", graph.getComponent()).put("file", "bundle/" + graph.getFile());
            tensors(one.putArray("inputs"), graph.getInputsList());
            tensors(one.putArray("outputs"), graph.getOutputsList());
        }
        return metadata.toString();
    }

    /** Whether the bundle is there. */
    @GET
    @Path("/ready")
    @Operation(summary = "Whether a bundle was delivered")
    public String ready(@PathParam("id") String id) {
        graphs(id);
        return JSON.createObjectNode().put("name", id).put("ready", true).toString();
    }

    /** The metadata of a version; a result has one. */
    @GET
    @Path("/versions/{version}")
    @Operation(summary = "The same, by the version, which is 1")
    public String metadata(@PathParam("id") String id, @PathParam("version") String version) {
        requireFirst(version);
        return metadata(id);
    }

    /** Whether the bundle is there in a version. */
    @GET
    @Path("/versions/{version}/ready")
    @Operation(summary = "The same, by the version, which is 1")
    public String ready(@PathParam("id") String id, @PathParam("version") String version) {
        requireFirst(version);
        return ready(id);
    }

    private static void requireFirst(String version) {
        if (!version.equals(VERSION)) {
            throw Refusal.notFound("version " + Refusal.printable(version));
        }
    }

    @ServerExceptionMapper
    Response refused(KogataException error) {
        return asTheProtocolSays(Problems.response(error), error.getMessage());
    }

    @ServerExceptionMapper
    Response called(StatusRuntimeException error) {
        return refused(KogataException.of(error));
    }

    /** A problem as everywhere, with the one member that the protocol asks of errors. */
    private static Response asTheProtocolSays(Response response, String detail) {
        try {
            ObjectNode problem = (ObjectNode) JSON.readTree((String) response.getEntity());
            return Response.fromResponse(response).entity(problem.put("error", detail).toString()).build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A problem is JSON", e);
        }
    }

    private List<GraphSignature> graphs(String id) {
        JobResult result = orchestrator.as(caller.tenant()).result(OrchestratorClient.name("jobs", id));
        if (result.getSignaturesCount() == 0) {
            throw Refusal.notFound("bundle of " + result.getJob());
        }
        return result.getSignaturesList();
    }

    private static void tensors(ArrayNode list, List<TensorSignature> tensors) {
        for (TensorSignature tensor : tensors) {
            ObjectNode one = list.addObject().put("name", tensor.getName()).put("datatype", tensor.getDatatype());
            tensor.getShapeList().forEach(one.putArray("shape")::add);
        }
    }
}
