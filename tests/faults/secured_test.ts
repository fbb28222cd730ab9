// What needs a node with logins and encryption, in one file: each file would start a node of its own.
// Alone: the node ends behind the last of its tests.
import "./secured/cli.ts";
import "./secured/credentials.ts";
import "./secured/listeners.ts";
import "./secured/port_security.ts";
import "./secured/recipes.ts";
