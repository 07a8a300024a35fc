/**
 * Calls on the members of a cluster, as histories hold them: {@link io.axolotl.jepsen.chaos.member.MemberCall} is what was asked and
 * answered, {@link io.axolotl.jepsen.chaos.member.MemberRow} a member as somebody was told of it. The workload and the nemesis write this
 * form, and its judge reads it.
 *
 * <p>Thread rule: everything is immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos.member;

import org.jspecify.annotations.NullMarked;
