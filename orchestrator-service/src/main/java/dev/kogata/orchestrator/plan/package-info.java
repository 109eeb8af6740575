/** The contract's plans, budgets and inspections as the algorithms see them, and back. */
package dev.kogata.orchestrator.plan;
