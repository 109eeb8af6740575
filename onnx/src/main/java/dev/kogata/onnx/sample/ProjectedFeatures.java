package dev.kogata.onnx.sample;

import ai.onnxruntime.OrtException;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.score.FeatureSource;

/** What a decoder is given for a picture: an encoder's features, through the bundle's projector where that is a file of its own. Safe for use by several threads. */
public final class ProjectedFeatures implements AutoCloseable {
    private final FeatureSession projector;

    private ProjectedFeatures(FeatureSession projector) {
        this.projector = projector;
    }

    /** @param threads of ONNX Runtime within one run */
    public static ProjectedFeatures open(Bundle bundle, int threads) throws OrtException {
        return new ProjectedFeatures(bundle.model(Kind.PROJECTOR).isEmpty() ? null : FeatureSession.open(bundle.model(Kind.PROJECTOR).orElseThrow().path(), threads));
    }

    /** What this encoder's features become. */
    public FeatureSource of(FeatureSource encoder) {
        return projector == null ? encoder : picture -> projected(encoder.features(picture));
    }

    private float[] projected(float[] features) {
        try {
            return projector.features(features);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not run the projector", e);
        }
    }

    @Override
    public void close() throws OrtException {
        if (projector != null) {
            projector.close();
        }
    }
}
