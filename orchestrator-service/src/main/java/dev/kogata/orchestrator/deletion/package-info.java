/** What becomes of models, datasets and jobs that nobody wants any more, and of their bytes. */
package dev.kogata.orchestrator.deletion;
