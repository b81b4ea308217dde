import type { ReplyDoc } from "../route";
import { page, ref } from "../schemas/common";

export const answers = (name: string, description: string): ReplyDoc => ({ description, schema: ref(name) });
export const answersPage = (name: string, description: string): ReplyDoc => ({ description, schema: page(ref(name)) });
