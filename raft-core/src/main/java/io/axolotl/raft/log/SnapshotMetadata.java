package io.axolotl.raft.log;

import io.axolotl.raft.membership.Membership;

/**
 * What a snapshot stands for: every entry up to and including {@code last}, and the membership as of that index (not
 * as of now: pitfall 39). The term is kept so that the log can answer for the entry just before its first one
 * (pitfall 40).
 *
 * <p>Immutable.
 */
public record SnapshotMetadata(EntryId last, Membership membership) {}
