package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.8 and the lease parts of B.3, on the state machine. */
class LeaseContractTest extends StoreFixture {
    /** The term of every entry of {@link Log}. */
    private static final long TERM = 1;

    private long grant(long id) {
        assertThat(apply(new Command.GrantLease(id, 60))).isInstanceOf(CommandResult.LeaseGranted.class);
        return Objects.requireNonNull(store.leases().find(id)).grantIndex();
    }

    private CommandResult putWith(long lease, String key) {
        return apply(new Command.Put(bytes(key), bytes("v"), lease, false, false, false));
    }

    private List<String> attached(long lease) {
        return store.attachedKeys(lease, size -> {}).stream()
                .map(StoreFixture::text)
                .toList();
    }

    @Test
    @DisplayName("LE-1: a grant is on record with its TTL and uses no revision; its id cannot be granted twice")
    void grantsOnce() {
        assertThat(apply(new Command.GrantLease(7, 60))).isEqualTo(new CommandResult.LeaseGranted(1, 7, 60));
        assertThat(apply(new Command.GrantLease(7, 90))).isEqualTo(refused(Refusal.LEASE_EXISTS));
        assertThat(store.leases().find(7)).isEqualTo(new Lease(7, 1, 60, 0));
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    @DisplayName("LE-1: any id but 0 is one, negative ones too")
    void grantsNegativeIds() {
        grant(-1);
        grant(Long.MIN_VALUE);
        putWith(-1, "a");
        putWith(Long.MIN_VALUE, "b");
        assertThat(attached(-1)).containsExactly("a");
        assertThat(attached(Long.MIN_VALUE)).containsExactly("b");
        apply(new Command.RevokeLease(-1));
        assertThat(keys(all())).containsExactly("b");
    }

    @Test
    @DisplayName(
            "PU-2: a put with a lease that does not exist is refused and uses no revision, also inside a transaction")
    void refusesPutsWithUnknownLease() {
        assertThat(putWith(7, "a")).isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
        assertThat(apply(always(new Command.Put(bytes("a"), NOTHING, 7, false, false, false))))
                .isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    @DisplayName("LE-3, MV-2: a revoke deletes the attached keys, sorted, in one revision")
    void revokeDeletesInOneRevision() {
        grant(7);
        putWith(7, "b");
        putWith(7, "a");
        put("free", "v");
        assertThat(apply(new Command.RevokeLease(7))).isEqualTo(new CommandResult.LeaseRevoked(5));
        assertThat(keys(all())).containsExactly("free");
        assertThat(store.leases().find(7)).isNull();
        assertThat(attached(7)).isEmpty();
        assertThat(((RangeAnswer.Found) at("a", 4)).count()).isEqualTo(1);
    }

    @Test
    @DisplayName("LE-3: without keys a revoke uses no revision; a second one finds no lease")
    void revokeWithoutKeysUsesNoRevision() {
        grant(7);
        assertThat(apply(new Command.RevokeLease(7))).isEqualTo(new CommandResult.LeaseRevoked(1));
        assertThat(apply(new Command.RevokeLease(7))).isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
    }

    @Test
    @DisplayName("PU-4: a put without lease detaches, a put with another one moves, and a delete detaches")
    void putAndDeleteDetach() {
        grant(7);
        grant(8);
        for (String key : List.of("a", "b", "c", "d")) {
            putWith(7, key);
        }
        put("a", "free");
        putWith(8, "b");
        delete("c");
        assertThat(attached(7)).containsExactly("d");
        assertThat(attached(8)).containsExactly("b");
        apply(new Command.RevokeLease(7));
        assertThat(keys(all())).containsExactly("a", "b");
        putWith(8, "c");
        assertThat(attached(8)).containsExactly("b", "c");
    }

    @Test
    @DisplayName(
            "PU-3: ignore_lease keeps the key on its lease, ignore_value moves it to the lease that is named, or to none")
    void ignoreFlagsAndLeases() {
        grant(7);
        putWith(7, "a");
        putWith(7, "b");
        apply(new Command.Put(bytes("a"), bytes("w"), 0, false, false, true));
        apply(new Command.Put(bytes("b"), NOTHING, 0, false, true, false));
        assertThat(get("a").lease()).isEqualTo(7);
        assertThat(get("b").lease()).isZero();
        assertThat(attached(7)).containsExactly("a");
    }

    @Test
    @DisplayName("a key that is put and revoked in the same run is found, and one that was detached in it is not")
    void revokeSeesItsOwnRun() {
        grant(7);
        putWith(7, "old");
        putWith(7, "moved");
        long before = store.applied().index();
        log.append(Log.put("moved", "v"));
        log.append(new Command.Put(bytes("new"), NOTHING, 7, false, false, false));
        log.append(new Command.RevokeLease(7));
        log.append(new Command.GrantLease(7, 30));
        log.append(new Command.Put(bytes("again"), NOTHING, 7, false, false, false));
        store.apply(log.after(before));
        assertThat(keys(all())).containsExactly("again", "moved");
        assertThat(attached(7)).containsExactly("again");
        assertThat(Objects.requireNonNull(store.leases().find(7)).ttlSeconds()).isEqualTo(30);
    }

    @Test
    @DisplayName(
            "LE-3: a lease with more keys than are deleted one by one goes in one revision too, whatever its own run did")
    void revokesManyKeysInBulk() {
        store.close();
        engine = MemoryEngine.inMemory();
        store = KvStateMachine.open(engine, Log.THREE, List.of(), new KvStateMachine.Limits(1 << 20, 3));
        grant(7);
        for (String key : List.of("a", "b", "c", "d", "e")) {
            putWith(7, key);
        }
        long revision = store.revision();
        long before = store.applied().index();
        log.append(new Command.Put(bytes("bb"), NOTHING, 7, false, false, false));
        log.append(Log.put("c", "free"));
        log.append(new Command.RevokeLease(7));
        log.append(new Command.GrantLease(7, 30));
        while (store.applied().index() < before + 4) {
            store.apply(log.after(store.applied().index()));
        }
        assertThat(keys(all())).containsExactly("c");
        assertThat(store.revision()).isEqualTo(revision + 3);
        assertThat(attached(7)).isEmpty();
        putWith(7, "a");
        assertThat(attached(7)).containsExactly("a");
    }

    @Test
    @DisplayName("pitfall 53, P7: an expiry that a leader of another term proposed does nothing")
    void staleExpiryDoesNothing() {
        long granted = grant(7);
        putWith(7, "a");
        assertThat(apply(new Command.ExpireLease(7, granted, TERM + 1))).isEqualTo(refused(Refusal.LEADER_REPLACED));
        assertThat(attached(7)).containsExactly("a");
        assertThat(apply(new Command.ExpireLease(7, granted, TERM))).isEqualTo(new CommandResult.LeaseRevoked(3));
        assertThat(keys(all())).isEmpty();
    }

    @Test
    @DisplayName("A13: an expiry of a lease that was revoked and granted again does nothing")
    void expiryOfAnEarlierGrantDoesNothing() {
        long first = grant(7);
        apply(new Command.RevokeLease(7));
        grant(7);
        assertThat(apply(new Command.ExpireLease(7, first, TERM))).isEqualTo(refused(Refusal.LEASE_NOT_FOUND));
        assertThat(store.leases().find(7)).isNotNull();
    }

    @Test
    @DisplayName(
            "C8: a checkpoint is on record for the leases that are meant, and survives; one of another term does nothing")
    void checkpointsAreOnRecord() {
        long seven = grant(7);
        long eight = grant(8);
        apply(new Command.CheckpointLeases(
                TERM,
                List.of(
                        new Command.LeaseCheckpoint(7, seven, 40),
                        new Command.LeaseCheckpoint(8, eight + 1, 40),
                        new Command.LeaseCheckpoint(9, 1, 40))));
        store.flush();
        crash();
        replay();
        assertThat(store.leases().find(7)).isEqualTo(new Lease(7, seven, 60, 40));
        assertThat(store.leases().find(8)).isEqualTo(new Lease(8, eight, 60, 0));
        assertThat(apply(new Command.CheckpointLeases(TERM + 1, List.of(new Command.LeaseCheckpoint(7, seven, 1)))))
                .isEqualTo(refused(Refusal.LEADER_REPLACED));
        assertThat(apply(new Command.CheckpointLeases(TERM, List.of(new Command.LeaseCheckpoint(7, seven, 0)))))
                .isInstanceOf(CommandResult.LeasesCheckpointed.class);
        assertThat(store.leases().find(7)).isEqualTo(new Lease(7, seven, 60, 0));
    }

    @Test
    @DisplayName("LE-7: leases and what hangs on them survive a crash, by what was flushed and by replay")
    void leasesSurviveCrashes() {
        grant(7);
        putWith(7, "a");
        store.flush();
        grant(8);
        putWith(8, "b");
        crash();
        assertThat(store.leases().size()).isEqualTo(1);
        replay();
        assertThat(store.leases().size()).isEqualTo(2);
        assertThat(attached(7)).containsExactly("a");
        assertThat(attached(8)).containsExactly("b");
    }

    @Test
    @DisplayName(
            "O3 a lease's record of a newer release is refused at open, and so, as damage, is one that is cut short")
    void aLeaseRecordThatCannotBeReadIsRefusedAtOpen() {
        grant(7);
        putRecordOfLease7(new byte[] {2});
        assertThatThrownBy(this::crash)
                .isInstanceOf(UnknownFormatException.class)
                .hasMessageContaining("the record of lease 7 has version 2");
        putRecordOfLease7(new byte[] {1});
        assertThatThrownBy(this::crash)
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("lease 7");
    }

    private void putRecordOfLease7(byte[] record) {
        try (var write = engine.newWrite()) {
            write.put(Space.META, new byte[] {0x20, 0, 0, 0, 0, 0, 0, 0, 7}, record);
            engine.write(write);
        }
        engine.flush();
    }
}
