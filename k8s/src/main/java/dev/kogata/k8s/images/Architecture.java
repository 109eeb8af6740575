package dev.kogata.k8s.images;

import java.util.Locale;

/** A processor that images are made for, as OCI names it, and what jars of native libraries call it. */
enum Architecture {
    AMD64("linux-x86_64"),
    ARM64("linux-arm64");

    private final String classifier;

    Architecture(String classifier) {
        this.classifier = classifier;
    }

    /** Whether a jar belongs into an image of this architecture: one with natives of the other alone does not. */
    boolean takes(String jar) {
        for (Architecture other : values()) {
            if (other != this && jar.endsWith("-" + other.classifier + ".jar")) {
                return false;
            }
        }
        return true;
    }

    /** {@code amd64}, {@code arm64}. */
    String oci() {
        return name().toLowerCase(Locale.ROOT);
    }
}
