// Drives a server with npm's etcd3 (1.1.2): node npm_etcd3.js HOST:PORT.
//
// What it prints must be the same whichever server it talks to: revisions are counted from the first write on, and what servers
// choose by themselves is left out. It uses keys below npm/ only.
'use strict';

const { once } = require('events');
const { Etcd3, EtcdLockFailedError } = require('etcd3');

const root = new Etcd3({ hosts: process.argv[2] });
const client = root.namespace('npm/');
let origin = 0n;

const show = (what, ...facts) => console.log(`${what}:`, JSON.stringify(facts));
const relative = (revision) => Number(BigInt(revision) - origin);

/** What an action is refused with. */
async function refusal(action) {
  try {
    await action();
    return 'no refusal';
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

async function keysAndValues() {
  await client.put('a').value('1');
  const before = await client.put('a').value('2').getPrevious();
  show('put again', before.value.toString());
  show('get', await client.get('a').string(), await client.get('a').number(), await client.get('none').string());
  await client.put('b').value(JSON.stringify({ is: 'json' }));
  await client.put('c').value(Buffer.from([0, 255]));
  show('json', await client.get('b').json());
  show('bytes', [...(await client.get('c').buffer())]);
  show('exists', await client.get('a').exists(), await client.get('none').exists());
  const found = (await client.get('a').exec()).kvs[0];
  show('versions', found.version, relative(found.create_revision), relative(found.mod_revision), found.lease);
  show('keys', await client.getAll().prefix('').sort('Mod', 'Descend').keys());
  show('limited', await client.getAll().all().sort('Key', 'Ascend').limit(2).strings());
  show('count', await client.getAll().all().count());
  show('range', await client.getAll().inRange({ start: 'a', end: 'c' }).keys());
  show('the past', await client.get('a').revision(found.create_revision).string());
  show('the future', await refusal(() => client.get('a').revision(String(BigInt(found.mod_revision) + 1000000n))));
  show('delete', (await client.delete().key('a').getPrevious()).map((kv) => kv.value.toString()));
  show('delete the rest', (await client.delete().all()).deleted);
  show('empty key', await refusal(() => root.put('').value('1')));
}

async function transactions() {
  await client.put('txn').value('old');
  const swapped = await client
    .if('txn', 'Value', '==', 'old')
    .and('txn', 'Version', '>', 0)
    .and('none', 'Create', '==', 0)
    .then(client.put('txn').value('new'), client.get('txn'))
    .else(client.get('txn'))
    .commit();
  show('txn', swapped.succeeded, swapped.responses.map((part) => part.response));
  const refused = await client.if('txn', 'Value', '==', 'old').then(client.delete().key('txn')).else(client.get('txn')).commit();
  show('txn that fails', refused.succeeded, refused.responses[0].response_range.kvs[0].value.toString());
  show('duplicate', await refusal(() =>
    client.if('txn', 'Version', '>', 0).then(client.put('txn').value('1'), client.put('txn').value('2')).commit()));
  await client.put('stm').value('1');
  await client.stm().transact(async (tx) => {
    const number = await tx.get('stm').number();
    await tx.put('stm').value(number + 1);
  });
  show('stm', await client.get('stm').string());
}

/** The next events of a watcher, as many as that, in words. */
function events(watcher, count) {
  return new Promise((resolve) => {
    const seen = [];
    watcher.on('data', (response) => {
      for (const { type, kv, prev_kv: before } of response.events) {
        seen.push([type, kv.key.toString(), kv.value.toString(), relative(kv.mod_revision), before ? before.value.toString() : null]);
      }
      if (seen.length >= count) {
        resolve(seen);
      }
    });
  });
}

async function watches() {
  const first = (await client.put('watch/a').value('1')).header.revision;
  await client.put('watch/a').value('2');
  await client.delete().key('watch/a');
  const past = client.watch().prefix('watch/').startRevision(first).withPreviousKV().watcher();
  show('history', await events(past, 3));
  const coming = events(past, 1);
  await client.put('watch/b').value('3');
  show('present', await coming);
  await past.cancel();
  const deletes = await client.watch().prefix('watch/').only('delete').create();
  const deleted = once(deletes, 'delete');
  await client.put('watch/c').value('4');
  await client.delete().key('watch/b');
  show('only deletes', (await deleted)[0].key.toString());
  await deletes.cancel();
}

async function leases() {
  const lease = client.lease(600, { autoKeepAlive: false });
  const id = await lease.grant();
  await lease.put('leased').value('1');
  const left = await client.leaseClient.leaseTimeToLive({ ID: id, keys: true });
  show('lease', left.grantedTTL, left.keys.map(String));
  show('renewed', (await lease.keepaliveOnce()).TTL);
  await lease.revoke();
  show('revoked', await client.get('leased').string(), (await client.leaseClient.leaseTimeToLive({ ID: id })).TTL);
  show('put with it', await refusal(() => client.put('leased').value('1').lease(id)));
  show('revoked again', await refusal(() => client.leaseClient.leaseRevoke({ ID: id })));
  const kept = client.lease(60);
  const renewed = once(kept, 'keepaliveSucceeded');
  await kept.grant();
  const renewal = kept.keepaliveOnce();
  show('kept', (await renewed)[0].TTL, (await renewal).TTL);
  await kept.revoke();
}

async function locks() {
  const lock = await client.lock('lock').ttl(60).acquire();
  const taken = await client.lock('lock').ttl(60).acquire().catch((error) => error);
  show('taken', taken instanceof EtcdLockFailedError);
  await lock.release();
  show('done inside', await client.lock('lock').do(() => 'work'), await client.get('lock').string());
}

/** Waits until an election's observer tells of this leader. It may tell of nobody in between. */
function observed(observer, leader) {
  return new Promise((resolve) => {
    observer.on('change', (value) => value === leader && resolve(value));
  });
}

async function elections() {
  const election = client.election('board', 60);
  const first = election.campaign('first');
  await first.wait();
  const observer = await election.observe();
  show('elected', observer.leader(), await election.leader());
  const proclaimed = observed(observer, 'first again');
  await first.proclaim('first again');
  show('proclaimed', await proclaimed);
  const second = election.campaign('second');
  const elected = second.wait();
  while ((await client.getAll().prefix('election/board/').count()) < 2) {
    // Its key is on the way.
  }
  const follows = observed(observer, 'second');
  await first.resign();
  await elected;
  show('follows', await follows);
  await observer.cancel();
  await second.resign();
  show('nobody', (await election.leader()) === undefined);
}

async function upkeep() {
  show('members', (await root.cluster.memberList({})).members.length);
  show('status', Number((await root.maintenance.status()).dbSize) > 0);
}

async function main() {
  await client.delete().all();
  origin = BigInt((await client.put('origin').value('')).header.revision);
  await client.delete().key('origin');
  for (const part of [keysAndValues, transactions, watches, leases, locks, elections, upkeep]) {
    await part();
  }
  root.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
