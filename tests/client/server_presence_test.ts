// Whether any server listens, as far as a client can know, on a clock that the test sets.
import { assertEquals } from "@std/assert";
import { useClock } from "../../src/async/clock.ts";
import { ServerPresence } from "../../src/client/server_presence.ts";

/** What the group has at each question. */
type Group = "members" | "none" | "unknown";

interface It {
  group: Group;
  asked: number;
  /** Seconds. */
  now: number;
}

/** A client's knowledge. */
async function known(test: (presence: ServerPresence, it: It) => Promise<unknown>) {
  const answers = { members: true, none: false, unknown: undefined };
  const it: It = { group: "none", asked: 0, now: 0 };
  const presence = new ServerPresence(() => {
    it.asked++;
    return Promise.resolve(answers[it.group]);
  });
  using _ = useClock({
    now: () => it.now * 1_000,
    wallTime: () => it.now * 1_000,
    // Every question is answered in time.
    timer: () => ({ cancel: () => {} }),
    random: () => 0,
    id: () => "id",
  });
  await test(presence, it);
}

/** Lets the question that a reply has asked be answered. */
const answered = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("a reply shows for ten seconds that a server listens, whatever its group is", async () => {
  await known(async (presence, it) => {
    presence.heard();
    it.now = 9.9;
    assertEquals(await presence.live(), true);
    it.now = 10.1;
    assertEquals(await presence.live(), false);
  });
});

Deno.test("while replies come, the group is asked at most once", async () => {
  await known(async (presence, it) => {
    for (let second = 0; second < 60; second++) {
      it.now = second;
      presence.heard();
      await answered();
      await presence.live();
    }
    assertEquals(it.asked, 1);
  });
});

Deno.test("a call may still be answered by a server that is no member of the group", async () => {
  await known(async (presence, it) => {
    presence.heard();
    await answered();
    it.now = 5;
    assertEquals(await presence.mayAnswer(), true);
  });
});

Deno.test("a group that has lost its last member answers nothing any more", async () => {
  await known(async (presence, it) => {
    it.group = "members";
    await presence.live();
    presence.heard();
    it.group = "none";
    it.now = 5;
    assertEquals([await presence.live(), await presence.mayAnswer()], [true, false]);
  });
});

Deno.test("a reply that comes as the last member leaves is one of its own", async () => {
  await known(async (presence, it) => {
    it.group = "members";
    await presence.live();
    it.group = "none";
    it.now = 2;
    await presence.live();
    it.now = 2.5;
    presence.heard();
    it.now = 5;
    assertEquals(await presence.mayAnswer(), false);
  });
});

Deno.test("a reply of a server that has joined since the last question is a member's", async () => {
  await known(async (presence, it) => {
    await presence.live();
    it.group = "members";
    it.now = 5;
    presence.heard();
    await answered();
    it.group = "none";
    it.now = 9;
    assertEquals(await presence.mayAnswer(), false);
  });
});

Deno.test("an empty group means nothing until ten seconds after the results stream reconnects", async () => {
  await known(async (presence, it) => {
    presence.connected(false);
    it.now = 15;
    const meanwhile = await presence.live();
    presence.connected(true);
    it.now = 24.9;
    const afterwards = await presence.live();
    it.now = 25.1;
    assertEquals([meanwhile, afterwards, await presence.live()], [true, true, false]);
  });
});
