package io.axolotl.client;

/**
 * How to put. Immutable.
 *
 * @param lease the lease to attach the key to; 0 detaches it from any (PU-4)
 * @param previous return what was there before
 * @param keepValue keep the value that is there; the value given must be empty, the key must exist (PU-3)
 * @param keepLease keep the lease that is there; the lease given must be 0, the key must exist (PU-3)
 */
public record PutOptions(long lease, boolean previous, boolean keepValue, boolean keepLease) {
    public static final PutOptions DEFAULT = new PutOptions(0, false, false, false);

    public PutOptions withLease(long id) {
        return new PutOptions(id, previous, keepValue, keepLease);
    }

    public PutOptions withPrevious(boolean wanted) {
        return new PutOptions(lease, wanted, keepValue, keepLease);
    }

    public PutOptions withKeepValue(boolean wanted) {
        return new PutOptions(lease, previous, wanted, keepLease);
    }

    public PutOptions withKeepLease(boolean wanted) {
        return new PutOptions(lease, previous, keepValue, wanted);
    }
}
