package dev.kogata.onnx.solve;

/** Hears how far long work is; whatever it throws ends the work. */
@FunctionalInterface
public interface Watch {

    /**
     * Called between two steps.
     *
     * @param share [0, 1]
     * @param doing in a few words
     */
    void at(double share, String doing);
}
