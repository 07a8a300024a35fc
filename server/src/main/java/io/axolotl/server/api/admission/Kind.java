package io.axolotl.server.api.admission;

import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.SessionsGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a call is judged. */
enum Kind {
    /** Adds to the log and the store: by bytes and by pace. */
    WRITE("write"),
    /** By bytes and by the pace of reads. */
    READ("read"),
    /** May wait for long, for a password's hash or for its turn: by bytes alone, and by those that all share. */
    PATIENT("patient"),
    /** Gives room back, or is asked by somebody who puts things right: by bytes alone, a part of which is kept for it. */
    ESSENTIAL("essential");

    private static final Set<String> WRITES = Set.of(
            KVGrpc.getPutMethod().getFullMethodName(),
            KVGrpc.getTxnMethod().getFullMethodName(),
            LeaseGrpc.getLeaseGrantMethod().getFullMethodName(),
            SessionsGrpc.getOpenMethod().getFullMethodName());

    private static final Set<String> PATIENTS = Set.of(
            AuthGrpc.getAuthenticateMethod().getFullMethodName(),
            LockGrpc.getLockMethod().getFullMethodName(),
            ElectionGrpc.getCampaignMethod().getFullMethodName());

    private static final Set<String> READS = Set.of(KVGrpc.getRangeMethod().getFullMethodName());

    /** Services of gRPC's own, which tell whether we live. */
    private static final String OF_GRPC = "grpc.";

    private final String label;

    Kind(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    boolean isPaced() {
        return this == WRITE || this == READ;
    }

    /** Whether calls are judged by their time, of the method that a path names: a slash and its full name. */
    static boolean isPacedAt(CharSequence path) {
        String name =
                path.length() < 1 ? "" : path.subSequence(1, path.length()).toString();
        return WRITES.contains(name) || READS.contains(name);
    }

    /**
     * How calls of a method are judged; null if they are not. Streams hold a message at a time and are bounded elsewhere, renewals of
     * leases and watches among them.
     */
    static @Nullable Kind of(MethodDescriptor<?, ?> method) {
        String name = method.getFullMethodName();
        if (method.getType() != MethodType.UNARY || name.startsWith(OF_GRPC)) {
            return null;
        }
        if (WRITES.contains(name)) {
            return WRITE;
        }
        if (PATIENTS.contains(name)) {
            return PATIENT;
        }
        return READS.contains(name) ? READ : ESSENTIAL;
    }
}
