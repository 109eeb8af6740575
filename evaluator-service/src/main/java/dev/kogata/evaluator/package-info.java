/** The evaluator service: its API (validates, records, answers) and its worker (does the work). */
package dev.kogata.evaluator;
