/** What a job tells its owner at the end: {@code report.json} and one page that works offline. */
package dev.kogata.orchestrator.report;
