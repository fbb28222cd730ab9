// What an executor offers.
import type { Offer } from "./inside/messages.ts";

/** As its sandboxes say it. */
export abstract class Offering implements Offer {
  readonly commands: Offer["commands"];
  readonly policies: Offer["policies"];
  readonly descriptions: Offer["descriptions"];
  readonly contentTypes: Offer["contentTypes"];

  constructor({ commands, policies, descriptions, contentTypes }: Offer) {
    this.commands = commands;
    this.policies = policies;
    this.descriptions = descriptions;
    this.contentTypes = contentTypes;
  }
}
