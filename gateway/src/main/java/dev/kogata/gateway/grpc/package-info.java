/** The gateway for programs: gRPC for the same resources as REST. */
package dev.kogata.gateway.grpc;
