package dev.kogata.onnx.bundle;

import dev.kogata.core.RefusedInput;
import java.nio.file.Path;

/** Opens bundles in a JVM of its own and prints a line for each: the reason, or OK. Arguments: folders. */
final class ScanMain {
    private ScanMain() {}

    public static void main(String[] folders) {
        for (String folder : folders) {
            try {
                Bundle.open(Path.of(folder));
                System.out.println("OK");
            } catch (RefusedInput refused) {
                System.out.println(refused.reason());
            }
        }
    }
}
