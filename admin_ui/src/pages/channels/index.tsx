import { Route, Routes } from "react-router";
import { Channel } from "./Channel";
import { ChannelsList } from "./list/ChannelsList";

/** The channels: all of them, and one of them. */
export default function Channels() {
  return (
    <Routes>
      <Route index element={<ChannelsList />} />
      <Route path=":name/*" element={<Channel />} />
    </Routes>
  );
}
