/**
 * The wire of etcd v3, generated from {@code src/main/proto}: messages, and one {@code *Grpc} class per service.
 *
 * <p>The proto packages ({@code etcdserverpb}, {@code mvccpb}, {@code authpb}, {@code v3electionpb}, {@code v3lockpb})
 * are part of every method path and fixed; that all Java types share one package is our choice, and possible since no two
 * names clash. Nothing is written by hand here. Getters of generated messages never return null: an unset sub-message
 * reads as its default instance, and {@code has...} tells the two apart.
 *
 * <p>These types are immutable, and public because the server module answers in them. Users of the client see
 * {@code io.axolotl.client} instead.
 */
@NullMarked
package io.axolotl.client.proto;

import org.jspecify.annotations.NullMarked;
