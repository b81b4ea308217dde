import { connect, type Socket } from "node:net";

/** A launch whose body never comes: it holds up the stop of a web server. Resolves when the server waits for the body. */
export const halfRequest = (url: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.once("error", reject);
    socket.once("data", () => {
      // From here on it ends as the server likes.
      socket.removeListener("error", reject).on("error", () => undefined);
      resolve(socket);
    });
    const head = ["POST /api/runs HTTP/1.1", `host: ${host}`, "content-type: application/json", "content-length: 9"];
    socket.write([...head, "expect: 100-continue", "", ""].join("\r\n"));
  });
