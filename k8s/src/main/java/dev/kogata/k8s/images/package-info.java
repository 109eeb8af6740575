/** Images of what Maven has packaged, without a Docker daemon: which files, in which layers, and how they are started. */
package dev.kogata.k8s.images;
