/** Models and datasets that jobs are made from. */
package dev.kogata.orchestrator.catalog;
