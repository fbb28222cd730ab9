// What anybody can do to the frames of a signed stream who may write to the topics.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { HEADER } from "../../src/wire/headers.ts";
import { textOf } from "../../src/wire/utf8.ts";
import type { MemoryRecord } from "../../src/transport/memory/broker.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { writeCancel, writeCredit } from "../../src/wire/control.ts";
import { turns } from "../streams/hall.ts";
import { BOB } from "./keys.ts";
import { SignedSides } from "./signed_sides.ts";
import { ManualClock } from "../manual_clock.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

async function* count(to: number) {
  for (let n = 0; n < to; n++) yield n;
}

/** A frame as it is, with other headers. */
function copied(record: IncomingRecord, headers: Record<string, string | Uint8Array> = {}) {
  const { topic, partition, key, value } = record;
  return {
    topic,
    partition,
    key,
    value,
    headers: { ...Object.fromEntries(record.headers), ...headers },
  };
}

const seqOf = ({ headers }: IncomingRecord) => Number(textOf(headers.get(HEADER.seq)!));

Deno.test("a signed stream gives its values", async () => {
  await using sides = await SignedSides.open();
  await sides.serve({ commands: { count } });
  const client = await sides.connect();
  const values = await Array.fromAsync(client.stream("count", 3_000));
  assertEquals([values.length, client.counts.unauthenticated], [3_000, 0]);
});

/** A stream whose server is the test: it sends signed frames of another stream's making. */
async function played(
  play: (frames: readonly IncomingRecord[], request: IncomingRecord) => readonly MemoryRecord[],
) {
  using clock = new ManualClock();
  await using sides = await SignedSides.open();
  const server = await sides.serve({ commands: { count } });
  const other = await sides.connect();
  await Array.fromAsync(other.stream("count", 3));
  const frames = await sides.replies.first(4);
  await server.close();
  const client = await sides.connect({ waitForServer: true });
  const stream = client.stream("count", 3, { timeoutMs: 500 });
  const first = stream.next();
  const requests = await sides.requests.first(2);
  for (const record of play(frames, requests[1]!)) sides.broker.append(record);
  const rejected = assertRejects(() => first, RpcError);
  await clock.advance(500);
  const error = await rejected;
  return { code: error.code, refused: client.counts.unauthenticated };
}

Deno.test("frames of another stream are not taken", async () => {
  const { code, refused } = await played((frames, { key }) =>
    frames.map((frame) => ({ ...copied(frame), key }))
  );
  assertEquals([code, refused], ["deadline_exceeded", 4]);
});

/** A signed stream in which the attacker comes before the third value. */
async function midway(attack: (frame: IncomingRecord) => MemoryRecord) {
  await using sides = await SignedSides.open();
  const gate = Promise.withResolvers<void>();
  const commands = {
    async *count(to: number) {
      for (let n = 0; n < to; n++) {
        if (n === 2) await gate.promise;
        yield n;
      }
    },
  };
  await sides.serve({ commands });
  const client = await sides.connect();
  const stream = client.stream("count", 3);
  const values = [(await stream.next()).value, (await stream.next()).value];
  const frames = await sides.replies.first(2);
  sides.broker.append(attack(frames.find((frame) => seqOf(frame) === 1)!));
  await turns();
  gate.resolve();
  for await (const value of stream) values.push(value);
  return { values, refused: client.counts.unauthenticated };
}

const ATTACKS: Record<string, readonly [(frame: IncomingRecord) => MemoryRecord, number]> = {
  "moved to another place": [(frame) => copied(frame, { [HEADER.seq]: "2" }), 1],
  "as the last one": [
    (frame) => {
      const { headers: { [HEADER.more]: _, ...headers }, ...rest } = copied(frame);
      return { ...rest, headers: { ...headers, [HEADER.seq]: "2" } };
    },
    1,
  ],
  "with another value": [(frame) => ({ ...copied(frame), value: utf8("9") }), 1],
  "without a value": [(frame) => ({ ...copied(frame), value: null }), 1],
  "of no stream": [
    (frame) => {
      const { headers: { [HEADER.more]: _, [HEADER.seq]: __, ...headers }, ...rest } = copied(
        frame,
      );
      return { ...rest, headers };
    },
    1,
  ],
  "sent again": [(frame) => copied(frame), 0],
};

for (const [what, [attack, times]] of Object.entries(ATTACKS)) {
  Deno.test(`a signed frame ${what} changes nothing`, async () => {
    const { values, refused } = await midway(attack);
    assertEquals([values, refused], [[0, 1, 2], times]);
  });
}

Deno.test("nobody but its caller cancels a signed stream, or gives it credit", async () => {
  await using sides = await SignedSides.open();
  await sides.serve({ commands: { count }, drainTimeoutMs: 1 });
  const client = await sides.connect();
  await using stream = client.stream("count", 100, { window: 4 });
  await stream.next();
  const id = textOf(sides.request.key!)!;
  const [frame] = await sides.replies.first(4);
  const digest = textOf(frame!.headers.get(HEADER.digest)!)!;
  const topic = "commands_control";
  sides.broker.append(writeCredit(topic, { id, digest, credit: { seq: 99, bytes: Infinity } }));
  sides.broker.append(writeCancel(topic, { id, digest }));
  await turns();
  assertEquals(sides.replies.items.length, 4);
  assertEquals((await stream.next()).value, 1);
});

Deno.test("the values of a stream are for the principal that asked: context says who", async () => {
  await using sides = await SignedSides.open();
  const commands = {
    async *who(_: unknown, context: { principal?: string | undefined }) {
      yield context.principal;
    },
  };
  await sides.serve({ commands });
  const client = await sides.connect({ sign: BOB });
  assertEquals(await Array.fromAsync(client.stream("who")), ["bob"]);
});

Deno.test("a copy of the request of a signed stream does not run again", async () => {
  await using sides = await SignedSides.open();
  let runs = 0;
  const commands = {
    async *count() {
      runs++;
      yield 1;
    },
  };
  await sides.serve({ commands });
  const client = await sides.connect();
  await Array.fromAsync(client.stream("count"));
  await sides.replies.first(2);
  sides.replay(sides.request);
  await sides.replies.first(3);
  assertEquals([runs, (await sides.reply(2)).status], [1, "aborted"]);
});
