package dev.kogata.k8s.images;

import java.util.Locale;

/** A processor that images are made for: as OCI names it, as jars of native libraries call it, and its number in ELF files. */
enum Architecture {
    AMD64("linux-x86_64", 62),
    ARM64("linux-arm64", 183);

    private final String classifier;
    private final int machine;

    Architecture(String classifier, int machine) {
        this.classifier = classifier;
        this.machine = machine;
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

    /** Number of this processor in the header of an ELF file ({@code e_machine}). */
    int machine() {
        return machine;
    }

    /** {@code amd64}, {@code arm64}. */
    String oci() {
        return name().toLowerCase(Locale.ROOT);
    }
}
