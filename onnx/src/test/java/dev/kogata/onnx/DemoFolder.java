package dev.kogata.onnx;

import java.nio.file.Path;

/** The packaged demo: a real model and data, which tests read too. */
public final class DemoFolder {
    public static final Path ROOT = Path.of(System.getProperty("kogata.root", ".."), "demo");
    public static final Path MODEL = ROOT.resolve("shapes-llava");
    public static final Path DATA = ROOT.resolve("data");
    public static final Path CALIBRATION = DATA.resolve("calibration.jsonl");
    public static final Path HELDOUT = DATA.resolve("heldout.jsonl");

    private DemoFolder() {
    }
}
