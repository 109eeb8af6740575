package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.profiler.v1.LayerOutliers;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.CalibrateCacheResult;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityRequest;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityResult;
import java.util.List;

/** Makes everything that trials need: samples, statistics and dense answers, then elastic weights and cache ranges side by side. */
final class ProfileStage {

    /**
     * What trials need.
     *
     * @param weights elastic weights
     * @param caches calibrated caches, and what every width of them costs
     * @param outliers share of outliers by layer
     */
    record Profiled(SampleSet search, SampleSet selection, SampleSet heldout, ElasticWeights.Built weights, Caches caches, List<LayerOutliers> outliers) {

        Artifact elastic() {
            return weights.result().getElastic();
        }

        /** Key factors and static scales. */
        Artifact calibration() {
            return caches.calibrated.getCalibration();
        }
    }

    /** What is known of the model's caches. */
    record Caches(CalibrateCacheResult calibrated, MeasureCacheSensitivityResult sensitivity) {
    }

    private static final int PROFILE = 0;
    private static final int ELASTIC = 1;
    private static final int CALIBRATION = 2;

    private final JobContext context;
    private final StageProgress progress;

    ProfileStage(JobContext context) {
        this.context = context;
        // Profiling runs the whole model over all data; the other two look at its weights and at one set again.
        this.progress = new StageProgress(context.run(), JobState.PROFILING, Progress.PROFILING, Progress.SEARCHING, 6, 2, 2);
    }

    Profiled run() {
        progress.say("Profiling: samples, input statistics and the dense model's answers.");
        ProfileModelResult profile = profile();
        progress.say("Building elastic weights and calibrating the cache.");
        var both = SideBySide.run(() -> new ElasticWeights(context).build(profile, share -> progress.done(ELASTIC, share, "Building elastic weights.")),
                () -> caches(profile));
        return new Profiled(profile.getSearch(), profile.getSelection(), profile.getHeldout(), both.first(), both.second(),
                profile.getOutliersList());
    }

    private ProfileModelResult profile() {
        return context.tasks().result("profile", ProfileModelResult.class, id -> {
            ProfileModelRequest.Builder request = ProfileModelRequest.newBuilder().setRequestId(id).setJob(context.name())
                    .setModel(context.model().getManifest()).setCalibration(context.dataset().getManifest())
                    .setSeed(context.request().getSeed()).addAllInclude(context.request().getIncludeList())
                    .setMaximumSearchConversations(context.config().searchConversations())
                    .setMaximumHeldoutConversations(context.config().heldoutConversations());
            context.heldout().ifPresent(heldout -> request.setHeldout(heldout.getManifest()));
            return context.workers().profiler().profileModel(request.build());
        }, share -> progress.done(PROFILE, share, "Profiling."));
    }

    private Caches caches(ProfileModelResult profile) {
        CalibrateCacheResult calibrated = calibration(profile);
        boolean quantizable = context.projection().cost().cacheLayers().stream().anyMatch(layer -> layer.sideWidths().size() > 1);
        return new Caches(calibrated, quantizable ? sensitivity(profile, calibrated) : MeasureCacheSensitivityResult.getDefaultInstance());
    }

    private MeasureCacheSensitivityResult sensitivity(ProfileModelResult profile, CalibrateCacheResult calibrated) {
        return context.tasks().result("cache-sensitivity", MeasureCacheSensitivityResult.class, id -> context.workers().quantizer().measureCacheSensitivity(
                MeasureCacheSensitivityRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setCalibration(calibrated.getCalibration()).setSamples(profile.getSearch()).addAllFormats(context.formats())
                        .setMaximumConversations(context.config().sensitivityConversations()).build()),
                share -> progress.done(CALIBRATION, 0.5 + share / 2, "Measuring what widths of the cache cost."));
    }

    private CalibrateCacheResult calibration(ProfileModelResult profile) {
        return context.tasks().result("calibration", CalibrateCacheResult.class, id -> context.workers().quantizer().calibrateCache(
                CalibrateCacheRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setSamples(profile.getSearch()).addAllFormats(context.formats()).setWorkload(context.request().getWorkload()).build()),
                share -> progress.done(CALIBRATION, share / 2, "Calibrating the cache."));
    }
}
