export { freePort } from "../../bench/servers/free-port";
