package dev.kogata.orchestrator;

import static dev.kogata.orchestrator.FakeOperations.answer;

import com.google.longrunning.Operation;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Encoding;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.evaluator.v1.ChangedAnswer;
import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluateBundleResult;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.evaluator.v1.EvaluatorServiceGrpc;
import dev.kogata.evaluator.v1.Picture;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.evaluator.v1.VerifyResultRequest;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.ErrorInterceptor;
import dev.kogata.orchestrator.flow.Workers;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.profiler.v1.InspectDatasetRequest;
import dev.kogata.profiler.v1.InspectDatasetResponse;
import dev.kogata.profiler.v1.InspectModelRequest;
import dev.kogata.profiler.v1.InspectModelResponse;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import dev.kogata.profiler.v1.ProfilerServiceGrpc;
import dev.kogata.profiler.v1.SampleModelRequest;
import dev.kogata.profiler.v1.SampleModelResult;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.ElasticForm;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsResult;
import dev.kogata.pruner.v1.PrunerServiceGrpc;
import dev.kogata.pruner.v1.WeightRepair;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.CalibrateCacheResult;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityResult;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityRequest;
import dev.kogata.quantizer.v1.CacheSide;
import dev.kogata.quantizer.v1.CacheSensitivity;
import dev.kogata.quantizer.v1.QuantizerServiceGrpc;
import dev.kogata.quantizer.v1.WriteBundleRequest;
import dev.kogata.quantizer.v1.WriteBundleResult;
import dev.kogata.quantizer.v1.WrittenCacheLayer;
import dev.kogata.quantizer.v1.WrittenWeight;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The four worker services over real gRPC, with a model made of numbers: files hold the plan they were made from, so that their
 * quality can be read from them. Tests can hold tasks up and make them fail.
 */
final class FakeMesh implements AutoCloseable {
    /** What the fake evaluator says that a trial took. */
    static final double TRIAL_SECONDS = 0.25;


    /** By number of the final pass: what it multiplies the plan's divergence by. */
    private static final double[] PASS_FACTORS = {1, 1, 0.9, 0.8};
    private static final double SELECTION_FACTOR = 1.1;
    private static final double HELDOUT_FACTOR = 1.2;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ArtifactStore artifacts;
    private final Manifests manifests;
    private final Server server;
    private final ManagedChannel channel;

    final FakeOperations operations = new FakeOperations(threads);
    /** Sees the request id of every task before its work; may block or throw. */
    volatile Consumer<String> beforeTask = requestId -> { };
    /** Sees the request id of every start before it is stored; may throw. */
    volatile Consumer<String> beforeStart = requestId -> { };
    /** What inspection finds. */
    volatile Inspection model = FakeModel.INSPECTION;
    /** Whether plans that lose are measured to their end. */
    volatile boolean neverStop;
    /** Whether the pruner has the memory for banks. */
    volatile boolean banks;
    /** The versions of the bank that was built. */
    private volatile Optional<VersionGrid> bank = Optional.empty();
    /** What a damaged delivery multiplies its divergence by. */
    volatile double damage = 1;

    FakeMesh(ArtifactStore artifacts) throws IOException {
        this.artifacts = artifacts;
        this.manifests = new Manifests(artifacts);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).executor(threads).intercept(new ErrorInterceptor())
                .addService(operations).addService(operations.new Queue()).addService(new Profiler()).addService(new Pruner()).addService(new Quantizer()).addService(new Evaluator()).build().start();
        channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    }

    /** Where the services listen. */
    String address() {
        return "localhost:" + server.getPort();
    }

    Workers workers() {
        return new Workers(channel, channel, channel, channel);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        threads.shutdownNow();
    }

    private Operation task(String type, String requestId, Message request, Supplier<Message> work) {
        beforeStart.accept(requestId);
        return operations.start(type, requestId, request, () -> {
            beforeTask.accept(requestId);
            return work.get();
        });
    }

    private Artifact bytes(String content) {
        return artifacts.put(content.getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
    }

    private SampleSet samples(String set) {
        SampleSet.Builder samples = SampleSet.newBuilder().setSamples(bytes(set)).setReference(bytes(set + " logits")).setWithImages(12).setDense(FakeModel.dense(model));
        return (model.equals(FakeModel.ENCODER) ? samples.setPictures(12) : samples.setConversations(12).setTurns(24).setAnswerTokens(96)).build();
    }

    private double factor(SampleSet set) {
        String name = new String(artifacts.bytes(set.getSamples().getSha256(), 1000), StandardCharsets.UTF_8);
        return name.equals("selection") ? SELECTION_FACTOR : name.equals("heldout") ? HELDOUT_FACTOR : 1;
    }

    /** Quality of written files: their weights hold how they were made and from which plan. */
    private Quality quality(Artifact files, SampleSet set) {
        ManifestFile decoder = manifests.read(files).getFilesList().stream().filter(file -> file.getPath().equals("bundle/" + FakeModel.FILE)).findFirst().orElseThrow();
        byte[] content = artifacts.bytes(decoder.getSha256(), 1 << 20);
        try {
            ElasticPlan plan = ElasticPlan.parseFrom(Arrays.copyOfRange(content, 1, content.length));
            return FakeModel.quality(model, plan, factor(set) * PASS_FACTORS[content[0]], bank);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Profiler extends ProfilerServiceGrpc.ProfilerServiceImplBase {
        @Override
        public void inspectModel(InspectModelRequest request, StreamObserver<InspectModelResponse> caller) {
            beforeTask.accept("inspect-model");
            answer(caller, InspectModelResponse.newBuilder().setInspection(model).build());
        }

        @Override
        public void inspectDataset(InspectDatasetRequest request, StreamObserver<InspectDatasetResponse> caller) {
            answer(caller, InspectDatasetResponse.newBuilder().setInspection(FakeModel.DATASET).build());
        }

        @Override
        public void profileModel(ProfileModelRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("profile", request.getRequestId(), request, () -> ProfileModelResult.newBuilder().setStatistics(bytes("statistics"))
                    .setSearch(samples("search")).setSelection(samples("selection")).setHeldout(samples("heldout"))
                    .addAllOutliers(FakeModel.OUTLIERS).build()));
        }

        @Override
        public void sampleModel(SampleModelRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("profile", request.getRequestId(), request, () -> SampleModelResult.newBuilder()
                    .setDataset(new Manifests(artifacts).write(Manifest.newBuilder().addFiles(Manifests.entry("own.jsonl", bytes("own samples"))).build())).build()));
        }
    }

    private final class Pruner extends PrunerServiceGrpc.PrunerServiceImplBase {
        @Override
        public void buildElasticWeights(BuildElasticWeightsRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("prune", request.getRequestId(), request,
                    () -> {
                        bank = banks && request.getStepsCount() > 0 ? Optional.of(new VersionGrid(request.getStepsList())) : Optional.empty();
                        BuildElasticWeightsResult.Builder result = BuildElasticWeightsResult.newBuilder().setElastic(bytes("elastic"))
                                .setForm(bank.isPresent() ? ElasticForm.BANK : ElasticForm.LEVEL_MAP);
                        if (request.getStepsCount() > 0) {
                            result.setBankBytes(8_000_000_000L).setBankLimitBytes(banks ? 9_000_000_000L : 1_000_000_000L);
                        }
                        bank.ifPresent(grid -> result.addAllSteps(grid.steps()));
                        return result.build();
                    }));
        }

        @Override
        public void pruneWeights(PruneWeightsRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("prune", request.getRequestId(), request, () -> {
                byte[] plan = request.getPlan().toByteArray();
                byte[] content = new byte[plan.length + 1];
                content[0] = (byte) request.getFinalPassValue();
                System.arraycopy(plan, 0, content, 1, plan.length);
                PruneWeightsResult.Builder result = PruneWeightsResult.newBuilder().setWeights(artifacts.put(content, Artifacts.SAFETENSORS));
                if (request.getFinalPass() == FinalPass.SEQUENTIAL_REPAIRED) {
                    request.getPlan().getWeightsList().forEach(w -> result.addRepairs(WeightRepair.newBuilder().setWeight(w.getWeight()).setDamping(0.1).setLoss(2)));
                }
                return result.build();
            }));
        }
    }

    private final class Quantizer extends QuantizerServiceGrpc.QuantizerServiceImplBase {
        @Override
        public void calibrateCache(CalibrateCacheRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("quantize", request.getRequestId(), request, () -> CalibrateCacheResult.newBuilder().setCalibration(bytes("calibration")).build()));
        }

        @Override
        public void measureCacheSensitivity(MeasureCacheSensitivityRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("quantize", request.getRequestId(), request, () -> {
                MeasureCacheSensitivityResult.Builder result = MeasureCacheSensitivityResult.newBuilder().setConversations(12).setDocument(bytes("sensitivity"));
                for (CacheLayer layer : model.getCacheLayersList()) {
                    for (CacheSide side : new CacheSide[] {CacheSide.KEY_SIDE, CacheSide.VALUE_SIDE}) {
                        layer.getWidthsList().stream().filter(bits -> bits > 0).forEach(bits -> result.addLosses(CacheSensitivity.newBuilder().setLayer(layer.getLayer()).setSide(side)
                                .setFormat(CacheFormat.PORTABLE).setBits(bits).setKl(0.05 / (1 << bits)).setKlStandardError(0.001)));
                    }
                }
                return result.build();
            }));
        }

        @Override
        public void writeBundle(WriteBundleRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("quantize", request.getRequestId(), request, () -> written(request)));
        }

        private WriteBundleResult written(WriteBundleRequest request) {
            ModelCost cost = FakeModel.cost(model, request.getWorkload(), bank);
            var plan = Plans.fromProto(request.getPlan());
            Artifact files = manifests.write(Manifest.newBuilder()
                    .addFiles(Manifests.entry("bundle/" + FakeModel.FILE, request.getWeights()))
                    .addFiles(Manifests.entry("sparse/sparse.safetensors", bytes("sparse " + request.getPlan()))).build());
            WriteBundleResult.Builder result = WriteBundleResult.newBuilder().setFiles(files).setUntouchedBytes(cost.untouchedBytes()).setTotalBytes(cost.bytes(plan).total());
            for (int i = 0; i < cost.weights().size(); i++) {
                long bytes = cost.weightBytes(i, plan.weights().get(i));
                result.addWeights(WrittenWeight.newBuilder().setId(cost.weights().get(i).id())
                        .setZeros(cost.weights().get(i).values() - cost.nonzeros(i, plan.weights().get(i))).setBytes(bytes)
                        .setEncoding(bytes < cost.weights().get(i).denseBytes() ? Encoding.SPARSE_BITMASK : Encoding.DENSE));
            }
            for (int i = 0; i < request.getPlan().getLayersCount(); i++) {
                CacheLayerPlan layer = request.getPlan().getLayers(i);
                result.addLayers(WrittenCacheLayer.newBuilder().setLayer(layer.getLayer()).setKeyBits(layer.getKeyBits()).setValueBits(layer.getValueBits())
                        .setCacheFormat(CacheFormat.PORTABLE).setCacheBytes(cost.cacheBytes(i, layer.getKeyBits(), layer.getValueBits())));
            }
            return result.build();
        }
    }

    private final class Evaluator extends EvaluatorServiceGrpc.EvaluatorServiceImplBase {
        @Override
        public void evaluatePlan(EvaluatePlanRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("evaluate", request.getRequestId(), request,
                    () -> planQuality(request)));
        }

        /** Gives up as workers do: with a lower bound that is just above the limit. */
        private EvaluatePlanResult planQuality(EvaluatePlanRequest request) {
            Quality quality = FakeModel.quality(model, request.getPlan(), factor(request.getSamples()), bank);
            boolean stopped = request.getStopAbove() > 0 && quality.getKl() > request.getStopAbove() && !neverStop;
            return EvaluatePlanResult.newBuilder().setQuality(stopped ? quality.toBuilder().setKl(request.getStopAbove() * 1.0001).build() : quality).setStopped(stopped).setSeconds(TRIAL_SECONDS).build();
        }

        @Override
        public void evaluateBundle(EvaluateBundleRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("evaluate", request.getRequestId(), request,
                    () -> EvaluateBundleResult.newBuilder().setQuality(quality(request.getFiles(), request.getSamples())).build()));
        }

        @Override
        public void verifyResult(VerifyResultRequest request, StreamObserver<Operation> caller) {
            answer(caller, task("evaluate", request.getRequestId(), request, () -> {
                Quality selection = quality(request.getFiles(), request.getSelection());
                ProcessMeasurement process = ProcessMeasurement.newBuilder().setPeakResidentBytes(200_000_000).setCacheBytes(98_304).setCacheTokens(64)
                        .setPrefillSeconds(0.012).setPromptTokens(48).setDecodeSecondsPerToken(0.0021).setDecodeTokens(16).setLoadSeconds(0.3).setThreads(2).setRuntime("a runtime").build();
                if (model.equals(FakeModel.ENCODER)) {
                    process = ProcessMeasurement.newBuilder().setPeakResidentBytes(100_000_000).setPictureSeconds(0.004).setLoadSeconds(0.3).setThreads(2).setRuntime("a runtime").build();
                }
                ManifestFile plan = manifests.read(request.getFiles()).getFilesList().stream().filter(file -> file.getPath().equals("plan.json")).findFirst().orElseThrow();
                if (model.equals(FakeModel.ENCODER)) {
                    return VerifyResultResult.newBuilder().setHeldout(quality(request.getFiles(), request.getHeldout())).setSelection(selection).setDense(process).setDelivered(process)
                            .setRecountedBytes(Json.number(artifacts.bytes(plan.getSha256(), 1 << 20), "bytes")).build();
                }
                return VerifyResultResult.newBuilder().setHeldout(quality(request.getFiles(), request.getHeldout()))
                        .setSelection(selection.toBuilder().setKl(selection.getKl() * damage)).setDense(process)
                        .setDelivered(process.toBuilder().setCacheBytes(20_000).setDecodeSecondsPerToken(0.0031))
                        .addChangedAnswers(ChangedAnswer.newBuilder().setConversation("heldout-0007").setTurn(1).setTag("count").setQuestion("How many <b>stars</b> are there?")
                                .setExpected("three.").setDense("three.").setCompressed("two.</script><script>alert(1)</script>")
                                .addPictures(Picture.newBuilder().setPath("images/7.png").setSha256(artifacts.put(FakeModel.PICTURE, Artifacts.BYTES).getSha256()))
                                .addPictures(Picture.newBuilder().setPath("images/8.png").setSha256(artifacts.put(FakeModel.FOREIGN_PICTURE, Artifacts.BYTES).getSha256())))
                        .setStepAgainstPrefill(1e-6).setRecountedBytes(Json.number(artifacts.bytes(plan.getSha256(), 1 << 20), "bytes")).build();
            }));
        }
    }
}
